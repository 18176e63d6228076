"""Runs the Spark job on a cluster of two workers on this machine, kills one executor in the middle of its work, and
compares what comes out with one run of the program, byte by byte.

    .venv-spark/bin/python deploy/spark/check.py target/release/khulosa
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import pyspark

HERE = pathlib.Path(__file__).resolve().parent
ARTICLES = 150
FLAGS = ["--to", "ru,tg", "--threads", "1"]


def batch(path):
    """Articles, two copies of one text, and a line that is none."""
    lines = []
    for number in range(ARTICLES):
        text = (
            f"The water ministers of three countries met in Dushanbe on day {number} to discuss the sharing of rivers. "
            f"They agreed to open {number} monitoring stations by the end of 2025. "
            f"The meeting was attended by experts from {number + 3} organisations."
        )
        lines.append(json.dumps({"id": f"n-{number}", "title": f"Talks number {number}", "text": text}))
    lines += [lines[0], "not json"]
    path.write_text("\n".join(lines) + "\n")


def processes():
    """Parent and command line of every process, by id."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                found[int(entry.name)] = (parent, (entry / "cmdline").read_bytes().decode(errors="replace"))
            except (OSError, ValueError, IndexError):
                pass  # It has ended meanwhile.
    return found


def below(ancestor, pid, found):
    while pid in found:
        if pid == ancestor:
            return True
        pid = found[pid][0]
    return False


def executors(job):
    """Executors of the job, and those of them that have the program at work."""
    found = processes()
    ours = [pid for pid, (_, line) in found.items() if "CoarseGrainedExecutorBackend" in line and below(job, pid, found)]
    ours = [pid for pid in ours if "java" in found[pid][1].split("\0")[0]]
    filters = [pid for pid, (_, line) in found.items() if "\0run\0-\0--out\0-\0" in line]
    working = [pid for pid in ours if any(below(pid, child, found) for child in filters)]
    return set(ours), set(working)


def kill_one(job):
    """Waits until both executors work, kills one, and tells which were there."""
    while job.poll() is None:
        ours, working = executors(job.pid)
        if len(working) == 2:
            victim = min(working)
            os.kill(victim, signal.SIGKILL)
            return ours, victim
        time.sleep(0.05)
    sys.exit(f"the job ended with {job.returncode} before both workers were at work")


def saved(folder):
    return b"".join(part.read_bytes() for part in sorted(folder.glob("part-*")))


def main():
    khulosa = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="khulosa-spark-") as name:
        folder = pathlib.Path(name)
        batch(folder / "wire.jsonl")
        wire = str(folder / "wire.jsonl")
        one = subprocess.run([khulosa, "run", wire, "--out", folder / "one", "--progress", "none", *FLAGS], check=False)
        assert one.returncode == 1, f"one article is rejected, so 1 is expected, not {one.returncode}"
        home = str(pathlib.Path(pyspark.__file__).parent)
        environment = {
            **os.environ,
            "SPARK_HOME": home,
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            # Where the master of the little cluster keeps its executors' folders.
            "SPARK_WORKER_DIR": str(folder / "workers"),
            "SPARK_LOCAL_DIRS": str(folder / "local"),
        }
        started = time.monotonic()
        job = subprocess.Popen(
            [os.path.join(home, "bin", "spark-submit"), "--master", "local-cluster[2,1,1024]"]
            + ["--conf", "spark.ui.enabled=false", "--conf", "spark.log.level=ERROR", str(HERE / "khulosa_spark.py"), wire, "--out", str(folder / "out")]
            + ["--khulosa", khulosa, "--partitions", "6", "--", *FLAGS],
            env=environment,
            cwd=folder,
        )
        first, victim = kill_one(job)
        killed = time.monotonic() - started
        assert job.wait() == 0, f"the job ended with {job.returncode}"
        for kind, file in [("records", "records.jsonl"), ("rejected", "rejected.jsonl")]:
            assert saved(folder / "out" / kind) == (folder / "one" / file).read_bytes(), f"{kind} differ from one run's"
        print(
            f"spark: {ARTICLES} articles on {len(first)} executors, number {victim} killed after {killed:.0f} s, "
            f"done after {time.monotonic() - started:.0f} s; records and rejections are the bytes of one run"
        )


if __name__ == "__main__":
    main()
