"""Files that strangers send: each is skipped with a sentence, cheaply, and the good ones beside it are read."""

import io
import struct
import tracemalloc
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from playground.datasets import _files, images
from playground.datasets.images import ImageFolder, read_images


def png(size: tuple[int, int] = (20, 20)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "PNG")
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header names a size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def zip_with(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip of two good pictures with `members` between them."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for member, content in (("good 1.png", png()), *members, ("good 2.png", png())):
            archive.writestr(member, content)
    return path


def read_beside(tmp_path: Path, name: str | zipfile.ZipInfo, content: bytes) -> ImageFolder:
    """Read a zip with one bad member; the two good ones have to be there."""
    result = read_images([zip_with(tmp_path / "some.zip", (name, content))])
    assert result.used == 2
    return result


def test_a_bomb_is_refused_by_its_ratio_without_unpacking_it(tmp_path):
    path = zip_with(tmp_path / "bomb.zip", ("bomb.png", b"\x89PNG\r\n\x1a\n" + bytes(19_000_000)))
    tracemalloc.start()
    result = read_images([path])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.skipped == ("bomb.png: unpacks to more than 200 times its size",)
    assert peak < 5_000_000


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_claims(tmp_path):
    path = zip_with(tmp_path / "liar.zip", ("bomb.png", b"\x89PNG\r\n\x1a\n" + bytes(15_000_000)))
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 15_000_008), struct.pack("<I", 20_000)))
    tracemalloc.start()
    result = read_images([path])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (result.used, result.skipped) == (2, ("bomb.png: cannot be read",))
    assert peak < 5_000_000


@pytest.mark.parametrize("name", ["../x.png", "a/../../x.png", "/etc/x.png", "\\x.png", "C:\\x.png", "..\\x.png"])
def test_a_path_that_leads_out_of_the_zip_is_refused(name, tmp_path):
    assert read_beside(tmp_path, name, png()).skipped == (f"{name}: its path leads out of the zip",)


def test_a_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    assert read_beside(tmp_path, link, b"/etc/passwd").skipped == ("link.png: a link, not a file",)


def test_an_encrypted_member_is_skipped(tmp_path):
    path = zip_with(tmp_path / "some.zip", ("secret.png", png()))
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"secret.png") - 46  # the fixed part of a directory entry comes before its name
    content[entry + 8] |= 1
    path.write_bytes(content)
    assert read_images([path]).skipped == ("secret.png: is encrypted",)


def test_compression_without_a_bound_on_memory_is_refused(tmp_path):
    path = zip_with(tmp_path / "some.zip", ("x.png", png()), compression=zipfile.ZIP_LZMA)
    with pytest.raises(ValueError, match="x.png: is compressed in an unusual way"):
        read_images([path])


def test_hidden_files_are_passed_over_in_silence(tmp_path):
    path = zip_with(tmp_path / "mac.zip", ("__MACOSX/._a.png", b"junk"), (".DS_Store", b"junk"), ("a/.git/x.png", png()))
    assert read_images([path]).skipped == ()
    (tmp_path / "folder" / ".hidden").mkdir(parents=True)
    for name in ("a.png", "b.png", ".c.png", ".hidden/d.png"):
        (tmp_path / "folder" / name).write_bytes(png())
    result = read_images([tmp_path / "folder"])
    assert (result.used, result.skipped) == (2, ())


def test_a_zip_in_a_zip_is_not_opened(tmp_path):
    inner = zip_with(tmp_path / "inner.zip").read_bytes()
    assert read_beside(tmp_path, "inner.png", inner).skipped == ("inner.png: a zip inside another; choose it by itself",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "not an image"),
        (b"", "not an image"),
        (b"%PDF-1.7 ...", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
        (png()[:-30], "damaged or cut short"),
        (png()[:12], "damaged or cut short"),
        (png()[:20], "damaged or cut short"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "damaged or cut short"),
        (b"GIF89a", "damaged or cut short"),
        (b"BM" + bytes(100), "damaged or cut short"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "damaged or cut short"),
        (png((2, 2)), "2×2 pixels is too small, it takes at least 8×8"),
        (png((300, 7)), "300×7 pixels is too small, it takes at least 8×8"),
        (png_claiming(40_000, 25_000), "has more than 40 million pixels"),
        (png_claiming(10_000, 10_000), "has more than 40 million pixels"),
        (png_claiming(2**31 - 1, 2**31 - 1), "has more than 40 million pixels"),
        (png_claiming(100, 100), "damaged or cut short"),
    ],
)
def test_what_is_no_usable_picture_is_skipped_with_a_reason(content, reason, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Pillow warns of decompression bombs: nobody reads that
        assert read_beside(tmp_path, "x.png", content).skipped == (f"x.png: {reason}",)


def test_a_file_of_more_than_20_megabytes_is_skipped(tmp_path):
    stored = zipfile.ZipInfo("x.png")  # a ZipInfo is stored as it is, unless it says otherwise
    assert read_beside(tmp_path, stored, bytes(20_000_001)).skipped == ("x.png: has more than 20 MB",)
    with (tmp_path / "x.png").open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(ValueError, match="1 file held 0 .x.png: has more than 20 MB"):
        read_images([tmp_path / "x.png"])


def test_a_huge_picture_is_refused_before_its_pixels_take_memory(tmp_path):
    (tmp_path / "huge.png").write_bytes(png_claiming(40_000, 25_000))
    tracemalloc.start()
    with pytest.raises(ValueError, match="1 file held 0 .huge.png: has more than 40 million pixels"):
        read_images([tmp_path / "huge.png"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + bytes(100), b"PK\x05\x06" + bytes(10)])
def test_a_damaged_zip_is_skipped(content, tmp_path):
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(ValueError, match="1 file held 0 .bad.zip: a damaged zip"):
        read_images([tmp_path / "bad.zip"])


def test_a_zip_cut_short_or_scrambled_never_raises_anything_else(tmp_path):
    whole = zip_with(tmp_path / "some.zip", ("x.png", png())).read_bytes()
    variants = [whole[:cut] for cut in range(0, len(whole), 7)]
    variants += [whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :] for i in range(0, len(whole), 5)]
    for content in variants:
        (tmp_path / "bad.zip").write_bytes(content)
        try:
            assert read_images([tmp_path / "bad.zip"]).used >= 2
        except ValueError as error:
            assert str(error).startswith("At least 2 usable images are needed")


def test_a_zip_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "MAX_ENTRIES", 2)
    with pytest.raises(ValueError, match="some.zip: holds 3 files, more than 2"):
        read_images([zip_with(tmp_path / "some.zip", ("x.png", png()))])


def test_a_folder_of_too_many_files_is_read_in_part(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "MAX_ENTRIES", 2)
    for name in "abc":
        (tmp_path / name).write_bytes(png())
    result = read_images([tmp_path])
    assert result.used == 2 and result.skipped == (f"{tmp_path.name}: only its first 2 files were looked at",)


def test_a_directory_of_millions_of_entries_is_not_read_into_memory(tmp_path, monkeypatch):
    path = zip_with(tmp_path / "some.zip", *((f"{number:0100}.png", b"") for number in range(100)))
    monkeypatch.setattr(_files, "MAX_READ", 10_000)
    with pytest.raises(ValueError, match="some.zip: a damaged zip"):
        read_images([path])


def test_a_zip_that_unpacks_to_too_much_is_thinned_out(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_UNPACKED_BYTES", 5 * len(png()))
    result = read_images([zip_with(tmp_path / "some.zip", *((f"{number}.png", png()) for number in range(18)))])
    assert (result.found, result.used) == (20, 5)
    assert result.note.startswith("Took 5 of 20 images") and "too many bytes" in result.note


def test_a_crowd_of_huge_pictures_is_not_decoded_to_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_DECODED_PIXELS", 1000)
    result = read_images([zip_with(tmp_path / "some.zip", *((f"{number}.png", png()) for number in range(8)))])
    assert result.used == 3  # of 400 pixels each
    assert result.skipped == ("The last 7 images were left out: those before are too large.",)


def test_names_are_fit_to_be_shown(tmp_path):
    name = "a\x1b[31m\u202e" + "b" * 200 + ".txt"
    (sentence,) = read_beside(tmp_path, name, b"hello").skipped
    assert sentence == "…" + "b" * 55 + ".txt: not an image"
    assert _files.label("a\x1b[31m\u202eb\nc.txt") == "a?[31m?b?c.txt"


def test_a_thousand_reasons_are_cut_to_a_hundred(tmp_path):
    path = zip_with(tmp_path / "some.zip", *((f"{number}.txt", b"text") for number in range(1000)))
    skipped = read_images([path]).skipped
    assert len(skipped) == 101 and skipped[-1] == "and 900 more files"
