"""Finds and parses the files of a model.

A file that is included is looked for beside the file that includes it, then in the include path, then among the files
that are shipped. Files that are shipped include only each other. ``stdlib.cat`` is always the shipped one.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from litmus import resources
from litmus.cat.evaluate import variant_holds
from litmus.cat.lexer import tokenize
from litmus.cat.parse import parse_cat
from litmus.cat.statement import File, ForAll, IfVariant, Include, MatchStatement, ProcedureOf, Statement
from litmus.cat.texts import Texts
from litmus.dataclass import dataclass, field
from litmus.errors import ModelError, UsageError, did_you_mean
from litmus.source import Source, Span

STANDARD_LIBRARY = "stdlib.cat"
_SHIPPED = "models/"

_EQUIVALENTS = {
    "733782fa1edef065ec27c81461107d7a": "cos.cat",
    "14b2ff0fff9d9d1091e45b9423cd3b1a": "cos-opt.cat",
    "083199a8a13afbe05add11972f143a01": "cos-opt.cat",
}
"""Fingerprints of herd7's cos-no-opt.cat, cos-opt.cat and cos-ok-opt.cat, and which of our files mean the same."""

_CROSS = frozenset(
    {"46f5ce158dc196078e3d92e46a604204", "e29b54b3c1234075977127ac295bd762", "c89d7c2b75e7df7d096f538c5c9dd214"}
)
"""Fingerprints of herd7's cross.cat, on which those files rest."""


def fingerprint(source: Source) -> str:
    """Return a digest of the tokens of a file: blanks and comments do not count."""
    from hashlib import sha256

    words = "\n".join(token.text for token in tokenize(source))
    return sha256(words.encode()).hexdigest()[:32]


@dataclass(slots=True)
class Library:
    """The files of one model, each read and parsed once."""

    texts: Texts
    include_path: Sequence[str] = ()
    variants: frozenset[str] = frozenset()
    files: dict[str, File] = field(default_factory=dict)
    """Parsed files by the name of their source."""

    def open(self, path: str) -> File:
        """Return the file at ``path``: a path of the user's, or the name of a model that is shipped.

        Raises:
            UsageError: where there is none.
            ParseError: where it is not cat.
        """
        text = self.texts.read(path)
        if text is not None:
            return self._parsed(Source(path, text))
        for folder in self.include_path:
            joined = _join(folder, path)
            text = self.texts.read(joined)
            if text is not None:
                return self._parsed(Source(joined, text))
        if "/" in path:
            raise UsageError(f"cannot read model '{path}'")
        if PurePath(path).suffix:
            return self._parsed(_named_file(path, self.texts))
        return self._parsed(self.texts.shipped(f"{path}.cat"))

    def included(self, include: Include) -> File:
        """Return the file that an ``include`` means.

        Raises:
            ModelError: at the include, where there is none.
        """
        for path in self._candidates(include):
            if path in self.files:
                return self.files[path]
            text = self.texts.read(path)
            if text is not None:
                return self._parsed_or_equivalent(Source(path, text))
        return self._shipped(include.path, include.span)

    def _parsed_or_equivalent(self, source: Source) -> File:
        """A file of herd7's that makes co is replaced by ours, which leaves that to the engine and means the same."""
        equivalent = _EQUIVALENTS.get(fingerprint(source))
        if equivalent is None or not self._has_known_cross(source):
            return self._parsed(source)
        file = self.files[source.name] = self._parsed(self.texts.shipped(equivalent))
        return file

    def _has_known_cross(self, source: Source) -> bool:
        folders = (str(PurePath(source.name).parent), *self.include_path)
        texts = (self.texts.read(_join(folder, "cross.cat")) for folder in folders)
        text = next((text for text in texts if text is not None), None)
        return text is None or fingerprint(Source("cross.cat", text)) in _CROSS

    def _candidates(self, include: Include) -> Iterator[str]:
        including = include.span.source.name
        if including.startswith(_SHIPPED) or include.path == STANDARD_LIBRARY:
            return
        yield _join(str(PurePath(including).parent), include.path)
        for folder in self.include_path:
            yield _join(folder, include.path)

    def _shipped(self, name: str, span: Span) -> File:
        if (known := self.files.get(_SHIPPED + name)) is not None:
            return known
        try:
            source = self.texts.shipped(name)
        except UsageError:
            hint = did_you_mean(name, [path.name for path in resources.model_files()])
            raise ModelError(f"cannot find included file '{name}'", span, hint=hint) from None
        return self._parsed(source)

    def standard(self) -> File:
        """Return the standard library, which every model starts with."""
        return self.files.get(_SHIPPED + STANDARD_LIBRARY) or self._parsed(self.texts.shipped(STANDARD_LIBRARY))

    def _parsed(self, source: Source) -> File:
        file = self.files[source.name] = parse_cat(source)
        return file

    def load_includes(self, file: File, including: tuple[str, ...] = ()) -> None:
        """Read every file that ``file`` can include under the variants set, so that no reading is left for later.

        Raises:
            ModelError: where a file that is included is missing, or is ``file`` or one of ``including``.
        """
        chain = (*including, file.source.name)
        for include in self._includes(file.statements):
            loaded = len(self.files)
            found = self.included(include)
            if found.source.name in chain:
                raise ModelError(f"'{include.path}' includes itself", include.span)
            if len(self.files) > loaded:
                self.load_includes(found, chain)

    def _includes(self, statements: tuple[Statement, ...]) -> Iterator[Include]:
        for statement in statements:
            match statement:
                case Include():
                    yield statement
                case IfVariant(condition=condition, positive=positive, negative=negative):
                    yield from self._includes(positive if variant_holds(condition, self.variants) else negative)
                case ForAll(body=body) | ProcedureOf(body=body):
                    yield from self._includes(body)
                case MatchStatement(clauses=clauses, default=default):
                    for _, body in clauses:
                        yield from self._includes(body)
                    yield from self._includes(default or ())
                case _:
                    pass


def _named_file(name: str, texts: Texts) -> Source:
    """Return a shipped file that is asked for as a file: ``lkmm.cat``."""
    try:
        return texts.shipped(name)
    except UsageError:
        # Told by the stems: the suffix alone makes short names look alike.
        near = did_you_mean(PurePath(name).stem, (path.stem for path in resources.model_files()))
        raise UsageError(f"no such file '{name}'", hint=near) from None


def _join(folder: str, path: str) -> str:
    return str(PurePath(folder) / path)
