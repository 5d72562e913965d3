"""What is kept is what was used last."""

from litmus.relation.recent import Recent


def test_the_result_unused_for_longest_goes() -> None:
    recent: Recent[str] = Recent(2)
    recent.keep(1, "one")
    recent.keep(2, "two")
    assert recent.get(1) == "one"
    recent.keep(3, "three")
    assert (recent.get(1), recent.get(2), recent.get(3)) == ("one", None, "three")


def test_an_empty_result_is_a_result() -> None:
    recent: Recent[tuple[int, ...]] = Recent(1)
    recent.keep("key", ())
    assert recent.get("key") == ()
