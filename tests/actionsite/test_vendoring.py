"""What is served from elsewhere's code is exactly what the manifest says."""

import hashlib

import pytest

from actionsite import vendoring
from actionsite.vendoring import Package, VendoredFile, drift, read_manifest, render_manifest


@pytest.fixture
def shelf(tmp_path):
    """A small static/vendor with one package of one file."""
    content = b"alert(1)"
    file = VendoredFile(
        member="package/it.js", path="it/it.js", sha256=hashlib.sha256(content).hexdigest()
    )
    package = Package(
        name="it", version="1.0.0", licence="MIT", integrity="sha512-x", files=(file,)
    )
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "it.js").write_bytes(content)
    (tmp_path / "vendor.toml").write_text(render_manifest([package]))
    return tmp_path


def test_the_vendored_files_of_this_repository_are_as_recorded():
    assert drift(vendoring.VENDOR) == []
    assert {package.name for package in read_manifest(vendoring.VENDOR)} == {"htmx.org"}


def test_a_manifest_reads_back_as_it_was_written(shelf):
    packages = read_manifest(shelf)

    assert render_manifest(packages) == (shelf / "vendor.toml").read_text()


def test_a_changed_byte_is_named(shelf):
    (shelf / "it" / "it.js").write_bytes(b"alert(2)")

    assert drift(shelf) == ["it/it.js differs from its recorded hash; restore it or run `update`."]


def test_a_missing_file_is_named(shelf):
    (shelf / "it" / "it.js").unlink()

    assert "it/it.js is missing" in drift(shelf)[0]


def test_a_file_that_nobody_listed_is_named(shelf):
    (shelf / "it" / "more.js").write_text("")

    assert drift(shelf) == ["it/more.js is not listed in vendor.toml; list it there or delete it."]


def test_a_tarball_with_another_integrity_is_refused(shelf, monkeypatch):
    tarball = shelf / "it.tgz"
    tarball.write_bytes(b"not the one that was reviewed")
    monkeypatch.setattr(vendoring, "_pack", lambda _package, _directory: tarball)

    with pytest.raises(vendoring.VendorError, match="find out why"):
        vendoring.update(shelf)

    assert (shelf / "it" / "it.js").read_bytes() == b"alert(1)"
