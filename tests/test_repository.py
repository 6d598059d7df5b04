"""Rules of the repository that nobody should have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tools.install_rest import LATE, late_set

ROOT = Path(__file__).resolve().parents[1]
OURS = ("core", "jobs", "ui", "pages", "tools")
HEAVY = {"torch", "xgboost-cpu", "catboost", "shap"}
FORBIDDEN_IMPORTS = {"pickle", "dill", "cloudpickle", "marshal", "shelve"}
VAGUE = re.compile(r"(^|_)(data|info|manager|helper|helpers|util|utils|process|handle)$")


@cache
def sources() -> list[tuple[str, str, ast.Module]]:
    """Path, text and tree of every file of ours that is in the tree."""
    files = [path for folder in OURS for path in sorted((ROOT / folder).rglob("*.py"))]
    files = [path for path in files if path.parent.name != "versions"]  # Alembic writes those
    files += [path for path in (ROOT / "Home.py",) if path.exists()]
    texts = [(str(path.relative_to(ROOT)), path.read_text()) for path in files]
    return [(name, text, ast.parse(text)) for name, text in texts]


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[\w+])?==(\S+)", text, flags=re.M)
    return {name.lower().replace("_", "-"): version for name, version in found}


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_each_requirement_is_pinned_once():
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        lines = [line for line in read(name).splitlines() if line and line[0] not in "#-"]
        assert len(pins(read(name))) == len(lines), name
    direct = pins(read("requirements.txt")).keys() | pins(read("requirements-dev.txt")).keys()
    assert not direct & pins(read("constraints.txt")).keys()


def test_the_first_card_waits_for_nothing_heavy():
    start = pins(read("requirements.txt").partition(LATE)[0])
    late = pins("\n".join(late_set(read("requirements.txt"))))
    assert not HEAVY & start.keys()
    assert late.keys() >= HEAVY
    assert start.keys() | late.keys() == pins(read("requirements.txt")).keys()


def test_the_installed_packages_are_the_pinned_ones():
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    wanted = {
        name: version
        for file in ("requirements.txt", "requirements-dev.txt", "constraints.txt")
        for name, version in pins(read(file)).items()
    }
    there = {name: version.partition("+")[0] for name, version in pins(listed).items()}
    wrong = {name: there[name] for name in wanted.keys() & there.keys()}
    assert {name: wanted[name] for name in wrong} == wrong


def test_make_has_the_targets_the_readme_names():
    makefile = read("Makefile")
    for target in ("run", "test", "check", "bench"):
        assert re.search(rf"^{target}:", makefile, flags=re.M), target


def test_the_procfile_starts_the_web_and_the_worker_with_quiet_numeric_threads():
    lines = dict(line.split(": ", 1) for line in read("Procfile").splitlines())
    assert lines.keys() == {"web", "worker"}
    for line in lines.values():
        assert "OMP_NUM_THREADS=1" in line and "OMP_WAIT_POLICY=PASSIVE" in line


def test_the_page_listens_on_loopback_and_shows_no_traceback():
    config = tomllib.loads(read(".streamlit/config.toml"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["client"]["showErrorDetails"] == "none"
    assert config["browser"]["gatherUsageStats"] is False
    for face in config["theme"]["fontFaces"]:
        assert (ROOT / face["url"].removeprefix("app/")).is_file()


def test_files_and_functions_stay_short():
    long_files = [(name, text.count("\n")) for name, text, _ in sources() if text.count("\n") > 400]
    assert not long_files
    functions = [
        (name, node.name, (node.end_lineno or 0) - node.lineno + 1)
        for name, _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert not [row for row in functions if row[2] > 70]


def test_every_file_opens_with_a_sentence():
    silent = [
        name for name, text, tree in sources() if text.strip() and not ast.get_docstring(tree)
    ]
    assert not silent


def test_nothing_is_named_vaguely():
    named = [
        (name, node.name)
        for name, _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and VAGUE.search(node.name)
    ]
    assert not named
    assert not [name for name, _, _ in sources() if VAGUE.search(Path(name).stem)]


def imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_every_package_of_core_stands_in_an_import_contract():
    rules = read(".importlinter")
    packages = [path.parent.name for path in (ROOT / "core").glob("*/__init__.py")]
    absent = [name for name in packages if not re.search(rf"\bcore\.{name}\b", rules)]
    assert not absent


def test_nothing_from_outside_is_unpickled_or_evaluated():
    for name, text, tree in sources():
        assert not imports(tree) & FORBIDDEN_IMPORTS, name
        assert "joblib.load" not in text and "torch.load" not in text, name
        calls = [node.func.id for node in ast.walk(tree) if _plain_call(node)]
        assert not {"eval", "exec"} & set(calls), name


def _plain_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_no_page_draws_unescaped_html_through_markdown():
    assert not [name for name, text, _ in sources() if "unsafe_allow_html=True" in text]


def test_no_machine_path_is_written_anywhere():
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    here = re.compile(r"/(work|home|root|Users)/[a-z]")
    for name in tracked.stdout.split("\0"):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".ini", ".yml", ".txt", ".sql"}:
            assert not here.search(path.read_text()), name
