"""Where the parts of a herd file begin and end."""

import pytest

from litmus.errors import ParseError, UnsupportedError
from litmus.frontend.sections import Sections, blank_comments, split
from litmus.source import Source


def sections(text: str) -> Sections:
    return split(Source("t.litmus", text))


def test_header() -> None:
    found = sections(
        'PPC iriw+x.y (Iriw) "two readers"\nCom=Rf Fr\n (* { not yet } *)\nOrig=A  B\n{ x=1; }\n P0 ;\nexists (x=1)'
    )
    assert (found.arch, found.name, found.doc) == ("PPC", "iriw+x.y", "two readers")
    assert found.info == (("Com", "Rf Fr"), ("Orig", "A  B"))
    assert found.init_text == " x=1; "
    assert found.program_text.strip() == "P0 ;"
    assert found.final_text == "exists (x=1)"


@pytest.mark.parametrize(
    ("comment", "result"),
    [
        ("(*\n * Result: Never\n *)", "Never"),
        ("(* Result: Sometimes *)", "Sometimes"),
        ("(*\n * Result: Always DATARACE\n *)", "Always DATARACE"),
        ("(* Expected result: Never *)", None),
        ("(* Result: Never*)", "Never"),
        ("(* Result: Never, as is right *)", "Never,"),
        ("(* Result: Never\n * Result: Always *)", "Never"),
        ("(* Result: Never\n * Result: Always DATARACE *)", "Never DATARACE"),
        ("(* Result: Never (DATARACE) *)", "Never"),
        ("(* Result: DATARACE *)", "DATARACE"),
        ("(* Result: *)", ""),
        ("(*Result: Never *)", None),
        ("  * Result: Never", None),
        ("(*\n\t* Result: Never *)", None),
        ("(* Result:\n Never *)", None),
        ("(* no *)", None),
    ],
)
def test_result_annotation(comment: str, result: str | None) -> None:
    assert sections(f"C t\n{comment}\n{{}}\nP0(int *x) {{ }}\nexists (x=0)").result == result


def test_the_place_of_an_annotation() -> None:
    place = sections("X86 t\n(*\n * Result: Nevr\n *)\n{}\n P0 ;\n MFENCE ;\nexists (x=1)").result_span
    assert place is not None
    assert (place.text, place.line) == ("Result: Nevr", 3)


@pytest.mark.parametrize("name", ["t", "t.litmus", "a/t"])
def test_a_name_loses_the_ending_of_a_file(name: str) -> None:
    assert sections(f"C {name}\n{{}}").name == name.removesuffix(".litmus")


def test_comments_nest_and_keep_lines() -> None:
    assert blank_comments("a (* b (* c *)\n d *) e") == "a             \n      e"
    assert blank_comments("a (* b\nc") == "a     \nc"


@pytest.mark.parametrize("word", ["exists", "~ exists", "forall", "filter", "locations", "final"])
def test_the_final_part_begins_at_a_word_that_asks(word: str) -> None:
    found = sections(f"X86 t\n{{}}\n P0 ;\n MFENCE ;\n{word} (x=1)")
    assert found.final_text == f"{word} (x=1)"


def test_words_in_c_ask_nothing_inside_braces_or_comments() -> None:
    body = "P0(int *x) { int exists; /* filter } */ // forall\n int r = (*x); }"
    found = sections(f"C t\n{{}}\n(* locations here *)\n{body}\nexists (x=1)")
    assert found.final_text == "exists (x=1)"
    assert found.program_text.strip() == body
    assert "locations" not in found.program_text


def test_comments_in_the_initial_state_may_hold_braces() -> None:
    found = sections("C t\n{ x=1; (* } (* { *) *) y=2; }\nP0(int *x) {}\nexists (x=1)")
    assert found.init_text.split() == ["x=1;", "y=2;"]


@pytest.mark.parametrize("claim", ["exists (x=1)", "forall (x=1)", "locations [x;]"])
@pytest.mark.parametrize("body", ["{ WRITE_ONCE(*x, 1; }", "{ if (x { } }", "{ WRITE_ONCE(*x, 1);"])
def test_the_final_part_is_found_behind_code_with_mistakes(body: str, claim: str) -> None:
    assert sections(f"C t\n{{}}\nP0(int *x) {body}\n{claim}").final_text == claim


@pytest.mark.parametrize("section", ["regions: x:PROP", "scopes: (system 0 1)"])
def test_sections_of_other_models_are_named(section: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        sections(f"C t\n{{}}\nP0(int *x) {{}}\n\n{section}\n\nforall (x=1)")
    assert caught.value.span is not None
    assert caught.value.span.text == section.partition(":")[0]


def test_what_follows_double_angles_is_left_aside() -> None:
    assert sections("X86 t\n{}\n P0 ;\nexists (x=1)\n<<\nshow 1\n>>").final_text == "exists (x=1)\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a litmus test begins with an architecture and a name"),
        ("C", "a litmus test begins with an architecture and a name"),
        ("C t\nP0()", "no initial state: expected '{'"),
        ("C t\n{ x=1; P0()", "the initial state is never closed: expected '}'"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        sections(text)
    assert caught.value.message == message
    assert caught.value.render()
