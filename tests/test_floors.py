"""The map of the code: imports point down, never in a circle, and only the page knows gradio."""

import ast
import graphlib
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]

# from the top; units on one floor may import each other, as long as there is no circle
FLOORS = (
    ("ui", "__main__", "benchmark", *sorted(file.stem for file in (ROOT / "playground").glob("_cli*.py"))),
    ("",),  # playground/__init__.py: the public Python API
    ("training", "evaluation", "latent", "inspection", "exporting", "checkpoint", "timeline"),
    ("experiment", "model", "presets"),
    ("architectures", "datasets"),
    ("layers", "losses", "penalties", "augmentation", "recipe", "engine", "noise", "samples", "registry", "config", "atomic"),
)
LEVEL = {unit: len(FLOORS) - number for number, units in enumerate(FLOORS) for unit in units}
PAGE_ONLY = {"gradio", "gradio_client", "spaces"}
CORE_NEEDS = {"torch", "torchvision", "numpy", "PIL", "sklearn", "safetensors"}


def module_files() -> dict[str, pathlib.Path]:
    """Map dotted names, `playground.layers.stage`, to files; a package is its `__init__`."""
    files = {}
    for file in sorted((ROOT / "playground").rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return files


FILES = module_files()


def unit(module: str) -> str:
    """Return the second part of a dotted name, `layers`; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def imports(module: str, *, lazy: bool = True) -> set[str]:
    """Return the dotted names that `module` imports; without `lazy`, only what is imported together with it."""
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    found: set[str] = set()
    nodes = list(ast.walk(tree)) if lazy else _outside_functions(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(module, node)
            # `from package import module` imports the module, `from module import name` the module it stands in
            found |= {name if (name := f"{source}.{alias.name}") in FILES else source for alias in node.names}
    return found


def _outside_functions(tree: ast.AST) -> list[ast.AST]:
    nodes, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        waiting += [
            child for child in ast.iter_child_nodes(node) if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]
    return nodes


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    base = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def own(names: set[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] == "playground"}


def test_every_module_has_its_floor():
    missing = {unit(module) for module in FILES} - set(LEVEL)
    assert not missing, f"give these a floor in {pathlib.Path(__file__).name}: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("module", FILES)
def test_imports_point_down(module):
    upward = {name for name in own(imports(module)) if LEVEL[unit(name)] > LEVEL[unit(module)]}
    assert not upward, f"{module} reaches up to {', '.join(sorted(upward))}"


def test_no_module_imports_itself_in_a_circle():
    graph = {module: own(imports(module)) for module in FILES}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_no_unit_imports_itself_in_a_circle():
    graph: dict[str, set[str]] = {}
    for module in FILES:
        graph.setdefault(unit(module), set()).update(unit(name) for name in own(imports(module)) if unit(name) != unit(module))
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", [module for module in FILES if unit(module) != "ui"])
def test_only_the_page_imports_gradio(module):
    assert not {name.split(".")[0] for name in imports(module)} & PAGE_ONLY


@pytest.mark.parametrize("module", [module for module in FILES if LEVEL.get(unit(module), 0) < LEVEL["ui"]])
def test_the_core_needs_only_a_handful_of_libraries_at_import(module):
    names = {name.split(".")[0] for name in imports(module, lazy=False)}
    assert names <= CORE_NEEDS | set(sys.stdlib_module_names) | {"playground"}


def test_the_core_runs_without_the_page():
    # `__main__` modules run when imported, by convention
    core = [module for module in FILES if unit(module) != "ui" and not module.endswith("__main__")]
    lines = ["import importlib, sys", f"for name in {core}: importlib.import_module(name)"]
    lines += [f"loaded = {PAGE_ONLY} & set(sys.modules)", "sys.exit(f'loaded: {loaded}' if loaded else 0)"]
    result = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr


def test_the_reading_of_imports_sees_every_form(tmp_path, monkeypatch):
    text = "import a.b\nfrom playground import samples\nfrom playground.layers import Stage\nfrom . import model\n"
    text += "from .layers.stage import Stage\ndef f():\n    import gradio\n"
    (tmp_path / "made.py").write_text(text)
    monkeypatch.setitem(FILES, "playground.made", tmp_path / "made.py")
    eager = {"a.b", "playground.samples", "playground.layers", "playground.model", "playground.layers.stage"}
    assert imports("playground.made", lazy=False) == eager
    assert imports("playground.made") == eager | {"gradio"}
