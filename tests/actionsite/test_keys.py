"""Keys of a local installation: made once, kept for their owner alone."""

import stat

from actionsite import keys


def test_keys_are_made_once_and_differ(tmp_path):
    first, second = {}, {}

    keys.ensure(first, tmp_path)
    keys.ensure(second, tmp_path)

    assert first == second
    assert set(first) == set(keys.KEY_NAMES)
    assert len(set(first.values())) == len(keys.KEY_NAMES)
    assert all(len(value) >= 50 for value in first.values())


def test_only_their_owner_can_read_them(tmp_path):
    keys.ensure({}, tmp_path)

    assert stat.S_IMODE((tmp_path / "keys.env").stat().st_mode) == 0o600


def test_a_key_of_the_environment_wins_and_is_not_kept(tmp_path):
    variables = {"ACTIONSITE_SECRET_KEY": "mine"}

    keys.ensure(variables, tmp_path)

    assert variables["ACTIONSITE_SECRET_KEY"] == "mine"
    assert "mine" not in (tmp_path / "keys.env").read_text()
    assert "ACTIONSITE_FINGERPRINT_KEY=" in (tmp_path / "keys.env").read_text()


def test_other_variables_in_the_file_are_not_taken(tmp_path):
    (tmp_path / "keys.env").write_text("PATH=/evil\nACTIONSITE_SECRET_KEY = kept \n# note=1\n")
    variables = {}

    keys.load(variables, tmp_path)

    assert variables == {"ACTIONSITE_SECRET_KEY": "kept"}


def test_stand_ins_are_written_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    variables = {}

    keys.stand_in(variables)

    assert set(variables) == set(keys.KEY_NAMES)
    assert list(tmp_path.iterdir()) == []
