"""Downloading, against a server on this machine: whole, halting, cut short, and not at all."""

import contextlib
import dataclasses
import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator

import pytest
import torchvision.datasets

from playground.datasets import DATASETS, download_with_progress

UNREACHABLE = "http://127.0.0.1:9/"  # the discard port, where nothing listens
DOWNLOADED = [name for name in DATASETS if DATASETS[name].download_bytes]
IDX_FILES = {
    "train-images-idx3-ubyte": bytes((0, 0, 8, 3, 0, 0, 0xEA, 0x60, 0, 0, 0, 28, 0, 0, 0, 28)) + bytes(60_000 * 28 * 28),
    "train-labels-idx1-ubyte": bytes((0, 0, 8, 1, 0, 0, 0xEA, 0x60)) + bytes(60_000),
    "t10k-images-idx3-ubyte": bytes((0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28)) + bytes(10_000 * 28 * 28),
    "t10k-labels-idx1-ubyte": bytes((0, 0, 8, 1, 0, 0, 0x27, 0x10)) + bytes(10_000),
}


class Server(http.server.ThreadingHTTPServer):
    """Serves an all-black KMNIST; `pause` halts each answer in its middle, `lose` drops the end of the images."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.pause, self.lose = files, 0.0, False
        self.released = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        body = self.server.files[self.path.lstrip("/")]
        half = len(body) // 2
        with contextlib.suppress(ConnectionError):  # torchvision hangs up once it knows that nothing redirects it
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:half])
            self.server.released.wait(self.server.pause)
            if not self.server.lose:
                self.wfile.write(body[half:])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def archives() -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(content, 1, mtime=0) for name, content in IDX_FILES.items()}


@pytest.fixture
def server(archives, monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server(archives) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        md5 = [(name, hashlib.md5(content).hexdigest()) for name, content in archives.items()]
        monkeypatch.setattr(torchvision.datasets.KMNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        monkeypatch.setattr(torchvision.datasets.KMNIST, "resources", md5)
        yield server
        server.released.set()
        server.shutdown()


@pytest.fixture
def kmnist(archives):
    """KMNIST, with the size of what the test server sends."""
    return dataclasses.replace(DATASETS["kmnist"], download_bytes=sum(map(len, archives.values())))


def test_a_download_leaves_whole_files_and_nothing_else(kmnist, server, tmp_path):
    kmnist.download(tmp_path)
    assert kmnist.available(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == sorted(IDX_FILES)
    assert len(kmnist.load(kmnist.config(), tmp_path)) == 60_000


def test_what_is_there_is_not_downloaded_again(kmnist, server, tmp_path):
    kmnist.download(tmp_path)
    server.files = {}
    kmnist.download(tmp_path)
    assert list(download_with_progress(kmnist, tmp_path))[-1] == 1


def test_progress_is_told_often_and_nothing_is_printed(kmnist, server, tmp_path, capfd):
    server.pause = 0.5
    fractions = list(download_with_progress(kmnist, tmp_path))
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert any(0.1 < fraction < 0.9 for fraction in fractions)
    assert len(fractions) >= 5  # four pauses of half a second
    assert kmnist.available(tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_download_cut_short_is_an_error_and_leaves_nothing(kmnist, server, tmp_path):
    server.lose = True
    with pytest.raises(OSError, match=r"^Could not download Kuzushiji-MNIST: .*\. Check the connection, or use digits"):
        kmnist.download(tmp_path)
    assert not kmnist.available(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_worker_reaches_the_caller(kmnist, server, tmp_path):
    server.lose = True
    with pytest.raises(OSError, match="Could not download Kuzushiji-MNIST"):
        list(download_with_progress(kmnist, tmp_path))


def test_a_half_finished_download_is_not_available(kmnist, server, tmp_path):
    server.pause = 60
    progress = download_with_progress(kmnist, tmp_path)
    assert any(progress)
    assert any(path.suffix == ".gz" for path in tmp_path.rglob("*"))
    assert not kmnist.available(tmp_path)
    server.released.set()
    assert list(progress)[-1] == 1
    assert kmnist.available(tmp_path)


def test_a_server_that_falls_silent_is_not_waited_for_forever(kmnist, server, tmp_path):
    server.pause = 60
    with pytest.raises(OSError, match="stalled: nothing came for 0.5 seconds"):
        list(download_with_progress(kmnist, tmp_path, stall_seconds=0.5))
    server.released.set()


@pytest.mark.parametrize("name", DOWNLOADED)
def test_without_a_connection_the_error_is_one_clear_message(name, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for cls in (torchvision.datasets.MNIST, torchvision.datasets.FashionMNIST, torchvision.datasets.KMNIST):
        monkeypatch.setattr(cls, "mirrors", [UNREACHABLE])
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", UNREACHABLE + "cifar-10-python.tar.gz")
    monkeypatch.setitem(torchvision.datasets.SVHN.split_list, "train", [UNREACHABLE, "train_32x32.mat", "0" * 32])
    with pytest.raises(OSError) as caught:
        DATASETS[name].download(tmp_path / "new")
    message = str(caught.value)
    assert message.startswith("Could not download ") and "refused" in message
    assert message.endswith("Check the connection, or use digits, which is embedded.")
    assert "\n" not in message and "<" not in message
    assert not DATASETS[name].available(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_cannot_be_written_is_the_same_kind_of_error(tmp_path):
    (tmp_path / "a file").touch()
    with pytest.raises(OSError, match="Could not download MNIST"):
        DATASETS["mnist"].download(tmp_path / "a file")


def test_what_is_built_in_is_downloaded_at_once(tmp_path):
    assert list(download_with_progress(DATASETS["digits"], tmp_path))[-1] == 1
    assert list(tmp_path.iterdir()) == []
