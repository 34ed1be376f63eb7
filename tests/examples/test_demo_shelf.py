from onboarding.demo.shelf import Shelf, read_json


def test_a_shelf_keeps_the_newest_over_a_restart(tmp_path):
    path = tmp_path / "shelf.json"
    shelf = Shelf(path, limit=3)
    for number in range(5):
        shelf.add({"number": number})

    kept = Shelf(path, limit=3)

    assert [record["number"] for record in kept] == [2, 3, 4]
    assert [record["number"] for record in kept.newest(2)] == [4, 3]


def test_a_broken_file_is_an_empty_shelf(tmp_path):
    path = tmp_path / "shelf.json"
    path.write_text("{")

    assert len(Shelf(path, limit=3)) == 0
    assert read_json(path) is None


def test_nothing_but_the_file_is_left_in_the_directory(tmp_path):
    Shelf(tmp_path / "shelf.json", limit=3).add({"number": 1})

    assert [path.name for path in tmp_path.iterdir()] == ["shelf.json"]
