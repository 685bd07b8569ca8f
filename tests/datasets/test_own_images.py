"""Pictures that a person brings: folders, zips and files become squares of one size."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from playground.datasets import data_root, images
from playground.datasets.images import Config, prepare, read_images

CIFAR = data_root() / "cifar10-train.zip"


def picture(colour="red", size=(20, 20), mode="RGB", kind="PNG", **options) -> bytes:
    """Return the bytes of a plain picture."""
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def folder_of(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def read_one(tmp_path: Path, content: bytes) -> torch.Tensor:
    """Return how one picture is read, (3, 64, 64), next to a plain one that makes up the number."""
    return read_images([folder_of(tmp_path, {"a": content, "b": picture()})]).values[0]


def colour_of(pixels: torch.Tensor) -> list[int]:
    return pixels.flatten(1).float().mean(1).round().int().tolist()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_common_formats_are_read(kind, tmp_path):
    pixels = read_one(tmp_path, picture((0, 0, 255), kind=kind))
    assert pixels.dtype == torch.uint8 and pixels.shape == (3, 64, 64)
    torch.testing.assert_close(torch.tensor(colour_of(pixels)), torch.tensor([0, 0, 255]), rtol=0, atol=3, check_dtype=False)


def test_folders_zips_and_files_can_be_mixed(tmp_path):
    folder = folder_of(tmp_path / "folder", {"a.png": picture("red"), "deep/er/b.jpg": picture("lime", kind="JPEG")})
    archive = zip_of(tmp_path / "c.zip", {"cats/c.png": picture("blue")})
    single = folder_of(tmp_path, {"d.png": picture("white")}) / "d.png"
    result = read_images([folder, archive, single])
    assert (result.found, result.used, result.skipped, result.note) == (4, 4, (), "")
    assert [colour_of(pixels)[2] for pixels in result.values] == pytest.approx([0, 0, 255, 255], abs=3)


def test_content_decides_and_not_the_suffix(tmp_path):
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    files = {"a.txt": picture(), "b": picture(kind="JPEG"), "c.png": svg, "notes.txt": b"hello", "empty.png": b""}
    result = read_images([folder_of(tmp_path, files)])
    assert (result.found, result.used) == (2, 2)
    assert result.skipped == ("c.png: not an image", "empty.png: not an image", "notes.txt: not an image")


def test_a_zip_under_another_name_is_still_a_zip(tmp_path):
    archive = zip_of(tmp_path / "pictures.png", {"a.png": picture(), "b.png": picture()})
    assert read_images([archive]).used == 2


def test_the_central_square_is_kept(tmp_path):
    wide = Image.new("RGB", (90, 30), "black")
    wide.paste("white", (30, 0, 60, 30))
    assert read_one(tmp_path, saved(wide)).min() == 255


def test_large_photographs_are_shrunk_without_aliasing(tmp_path):
    stripes = np.zeros((512, 512), np.uint8)
    stripes[:, ::2] = 255
    for kind in ("PNG", "JPEG"):
        pixels = read_one(tmp_path, saved(Image.fromarray(stripes), kind)).float()
        assert (pixels - 127.5).abs().max() < 8


def test_a_photograph_taken_sideways_is_turned_upright(tmp_path):
    sideways = Image.new("RGB", (40, 40), "black")
    sideways.paste("white", (0, 0, 20, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90° clockwise to view": the left edge becomes the top
    pixels = read_one(tmp_path, saved(sideways, "JPEG", exif=exif, quality=95))
    assert pixels[:, :28].float().mean() > 250 and pixels[:, 36:].float().mean() < 5


def test_transparency_lies_on_white(tmp_path):
    half = Image.new("RGBA", (20, 20), (255, 0, 0, 128))
    assert colour_of(read_one(tmp_path, saved(half))) == [255, 127, 127]


def test_a_transparent_palette_lies_on_white(tmp_path):
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, 0, 0, 255])
    palette.paste(0, (0, 0, 10, 20))
    pixels = read_one(tmp_path, saved(palette, transparency=0))
    assert colour_of(pixels[:, :, :28]) == [255, 255, 255] and colour_of(pixels[:, :, 36:]) == [0, 0, 255]


def test_print_colours_become_screen_colours(tmp_path):
    pixels = read_one(tmp_path, picture((255, 0, 0, 0), mode="CMYK", kind="JPEG"))
    assert colour_of(pixels) == pytest.approx([0, 255, 255], abs=3)


def test_sixteen_bits_become_eight(tmp_path):
    deep = Image.fromarray(np.full((20, 20), 0x8000, np.uint16))
    assert colour_of(read_one(tmp_path, saved(deep))) == [128, 128, 128]


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("lime", "red", "blue")]
    pixels = read_one(tmp_path, saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert colour_of(pixels) == [0, 255, 0]


def test_of_too_many_every_folder_gives_its_share(tmp_path):
    shades = {"a": "red", "b": "lime", "c": "blue"}
    files = {f"{name}/{i}.png": picture(shade) for name, shade in shades.items() for i in range(10)}
    result = read_images([zip_of(tmp_path / "all.zip", files)], max_images=6)
    assert (result.found, result.used) == (30, 6)
    assert [colour_of(pixels).index(255) for pixels in result.values] == [0, 0, 1, 1, 2, 2]
    assert result.note == "Took 6 of 30 images, spread evenly over all of them, because at most 6 are used."


def test_captions_between_the_pictures_do_not_take_their_places(tmp_path):
    files = {f"{i}{suffix}": content for i in range(10) for suffix, content in ((".png", picture()), (".txt", b"a cat"))}
    assert read_images([zip_of(tmp_path / "captioned.zip", files)], max_images=10).used == 10


def test_progress_is_told_and_can_cancel(tmp_path):
    folder, told = folder_of(tmp_path, {f"{i}.png": picture() for i in range(4)}), []
    read_images([folder], progress=told.append)
    assert told == [0, 0.25, 0.5, 0.75, 1]

    def cancel(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_images([folder], progress=cancel)


@pytest.mark.parametrize(("colour", "channels"), [(True, 3), (False, 1)])
@pytest.mark.parametrize("resolution", [16, 32, 64])
def test_load_gives_what_the_spec_promises(resolution, colour, channels, tmp_path):
    folder = folder_of(tmp_path, {f"{i}.png": picture() for i in range(3)})
    config = Config(resolution=resolution, colour=colour, path=str(folder))
    samples = images.load(config, tmp_path)
    assert samples.spec == images.spec(config)
    assert samples.values.shape == (3, channels, resolution, resolution) == (3, *samples.spec.shape)
    assert samples.values.dtype == torch.uint8 and samples.labels is None


def test_pictures_already_read_are_prepared_without_reading_them_again(tmp_path):
    values = read_images([folder_of(tmp_path, {"a.png": picture("red"), "b.png": picture("white")})]).values
    samples = prepare(values, Config(resolution=16, colour=False))
    assert samples.values.shape == (2, 1, 16, 16)
    assert samples.values.flatten(1).float().mean(1).tolist() == [76, 255]  # 0.299 · 255, the brightness of red
    assert prepare(values, Config(resolution=64)).values is values


@pytest.mark.parametrize("path", ["/nowhere/at/all", "~nobody in particular/pictures", "nul\0byte", "long" * 2000])
def test_a_path_that_leads_nowhere_is_said_in_one_sentence(path, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^There is no file or folder '.*\.$"):
        images.load(Config(path=path), tmp_path)


def test_too_few_pictures_are_an_error_that_says_why(tmp_path):
    folder = folder_of(tmp_path, {"a.png": picture(), "notes.txt": b"hello", "tiny.png": picture(size=(2, 2))})
    with pytest.raises(ValueError) as caught:
        read_images([folder])
    reasons = "notes.txt: not an image; tiny.png: 2×2 pixels is too small, it takes at least 8×8"
    assert str(caught.value) == f"At least 2 usable images are needed, and 3 files held 1 ({reasons})."
    with pytest.raises(ValueError, match=r"and 0 files held 0\.$"):
        read_images([])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_in_a_folder_does_not_block(tmp_path):
    folder = folder_of(tmp_path, {"a.png": picture(), "b.png": picture()})
    os.mkfifo(folder / "pipe.png")
    assert read_images([folder]).used == 2


@pytest.mark.skipif(not CIFAR.exists(), reason=f"{CIFAR} is not there (see PLAYGROUND_DATA)")
def test_fifty_thousand_photographs_are_sampled_from_every_folder():
    result = read_images([CIFAR], max_images=500, size=32)
    assert (result.found, result.used, result.skipped) == (50_000, 500, ())
    assert result.values.shape == (500, 3, 32, 32)
    assert 100 < result.values.float().mean() < 140
