"""Fetch the libtorch that tch 0.17 is written for, from PyPI's torch wheel, once.

Only the libraries and headers are wanted, so pip is asked for single wheels by name (no dependencies are resolved and
nothing is installed); any Python 3 with pip will do. The x86-64 Linux wheel is a CUDA build whose libtorch_cpu.so
names two small CUDA libraries even when no card is there: these come from their own wheels. Every wheel is checked
against the SHA-256 below before a byte of it is used, and the folder appears under its final name only when complete.

usage: libtorch.py FOLDER [--cuda] [--cargo-config FILE]

With --cargo-config, the folder and the C++ ABI of its library are written where cargo finds them, so that a plain
`cargo build` works after `make setup`. A LIBTORCH in the environment is used as it is, and nothing is fetched.
"""

import argparse
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile

TORCH = "2.4.1"
# SHA-256 of each wheel as PyPI serves it.
WHEELS = {
    ("Linux", "x86_64"): [
        (f"torch=={TORCH}", "manylinux1_x86_64", "0b5f88afdfa05a335d80351e3cea57d38e578c8689f751d35e0ff36bce872113"),
        ("nvidia-cuda-runtime-cu12==12.1.105", "manylinux1_x86_64", "6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40"),
        ("nvidia-cuda-cupti-cu12==12.1.105", "manylinux1_x86_64", "e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e"),
    ],
    ("Linux", "aarch64"): [(f"torch=={TORCH}", "manylinux2014_aarch64", "ef503165f2341942bfdf2bd520152f19540d0c0e34961232f134dc59ad435be8")],
    ("Darwin", "arm64"): [(f"torch=={TORCH}", "macosx_11_0_arm64", "ddddbd8b066e743934a4200b3d54267a46db02106876d21cf31f7da7a96f98ea")],
}
CPU_LIBRARIES = ("libc10.", "libtorch_cpu.", "libgomp", "libomp", "libcudart.so", "libcupti.so",
                 "libarm_compute", "libgfortran", "libopenblas")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--cuda", action="store_true", help="take the whole wheel and its CUDA packages (3 GB)")
    arguments.add_argument("--cargo-config", type=pathlib.Path, help="write cargo's [env] table there")
    options = arguments.parse_args()
    own = os.environ.get("LIBTORCH")
    if not own:
        provide(options)
    if options.cargo_config:
        configure(pathlib.Path(own or options.folder).absolute(), options.cargo_config)


def configure(folder, config):
    """Write cargo's environment, only when it changed: a new time stamp would build the bindings again."""
    declared = folder / "share/cmake/Torch/TorchConfig.cmake"
    if not (folder / "lib").is_dir():
        sys.exit(f"libtorch: {folder} holds no lib folder; LIBTORCH must name the folder of libtorch 2.4")
    old_abi = declared.is_file() and "_GLIBCXX_USE_CXX11_ABI=0" in declared.read_text()
    text = f'[env]\nLIBTORCH = "{folder}"\nLIBTORCH_CXX11_ABI = "{0 if old_abi else 1}"\n'
    if not config.is_file() or config.read_text() != text:
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(text)


def provide(options):
    """Have libtorch in the folder: at once when it is complete, otherwise from PyPI."""
    machine = (platform.system(), platform.machine())
    if machine not in WHEELS:
        sys.exit(f"libtorch: no wheel of torch {TORCH} for {machine[0]} {machine[1]}; "
                 "install libtorch 2.4 yourself and set LIBTORCH to its folder")
    if options.cuda and machine != ("Linux", "x86_64"):
        sys.exit("libtorch: CUDA=1 is for x86-64 Linux")
    stamp = options.folder / "khulosa-complete"
    wanted = f"torch {TORCH} {'cuda' if options.cuda else 'cpu'}\n"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"libtorch: fetching torch {TORCH} for {machine[0]} {machine[1]} from PyPI (once)", file=sys.stderr)
    options.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder.parent, prefix=".libtorch-") as scratch:
        tree = pathlib.Path(scratch, "libtorch")
        for requirement, tag, digest in WHEELS[machine]:
            unpack(fetch(requirement, tag, digest, scratch), tree, options.cuda)
        if options.cuda:
            for wheel in fetch_cuda(scratch):
                unpack(wheel, tree, True)
        finish(tree, machine[0], options.cuda)
        (tree / stamp.name).write_text(wanted)
        if options.folder.exists():
            shutil.rmtree(options.folder)
        tree.rename(options.folder)


def pip_download(arguments, destination):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp", "--dest", destination]
    if subprocess.run(command + arguments).returncode != 0:
        sys.exit(f"libtorch: pip could not fetch {arguments[-1]}; check the network and the space in "
                 f"{destination}, then run make setup again")


def fetch(requirement, tag, digest, scratch):
    """Download one wheel and check its SHA-256."""
    destination = tempfile.mkdtemp(dir=scratch)
    pip_download(["--platform", tag, requirement], destination)
    (wheel,) = pathlib.Path(destination).glob("*.whl")
    found = hashlib.sha256()
    with wheel.open("rb") as file:
        while block := file.read(1 << 22):
            found.update(block)
    if found.hexdigest() != digest:
        sys.exit(f"libtorch: {wheel.name} has SHA-256 {found.hexdigest()}, expected {digest}: not used")
    return wheel


def fetch_cuda(scratch):
    """The CUDA packages that torch's own metadata names, less the two that are there already."""
    (torch,) = pathlib.Path(scratch).glob("*/torch-*.whl")
    with zipfile.ZipFile(torch) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        lines = archive.read(metadata).decode().splitlines()
    for line in lines:
        if line.startswith("Requires-Dist: nvidia-"):
            requirement = line.removeprefix("Requires-Dist: ").split(";")[0].strip()
            if "cuda-runtime" in requirement or "cuda-cupti" in requirement:
                continue
            destination = tempfile.mkdtemp(dir=scratch)
            pip_download(["--platform", "manylinux2014_x86_64", "--platform", "manylinux1_x86_64", requirement],
                         destination)
            yield next(pathlib.Path(destination).glob("*.whl"))


def unpack(wheel, tree, whole):
    """Copy headers and libraries into `tree`; only the CPU libraries unless `whole`."""
    (tree / "lib").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = pathlib.PurePosixPath(entry.filename)
            if entry.is_dir():
                continue
            if path.parts[0] == "torch" and path.parts[1] in ("include", "share"):
                target = tree.joinpath(*path.parts[1:])
            elif path.parent.name in ("lib", "torch.libs") and (whole or path.name.startswith(CPU_LIBRARIES)):
                target = tree / "lib" / path.name
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 22)
            target.chmod(0o755)


def finish(tree, system, cuda):
    """Give the linker the names it looks for, and say what is missing."""
    suffix = "dylib" if system == "Darwin" else "so"
    library = tree / "lib" / f"libtorch.{suffix}"
    if not cuda and not library.exists():
        library.symlink_to(f"libtorch_cpu.{suffix}")
    for name in ("c10", "torch_cpu", "torch"):
        if not (tree / "lib" / f"lib{name}.{suffix}").exists():
            sys.exit(f"libtorch: the wheel holds no lib{name}.{suffix}")
    if not (tree / "include" / "torch").is_dir():
        sys.exit("libtorch: the wheel holds no headers")


if __name__ == "__main__":
    main()
