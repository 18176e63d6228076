"""A batch on a Spark cluster: partitions of JSONL go through `khulosa run - --out -` on the executors.

    spark-submit khulosa_spark.py --out hdfs:///night hdfs:///wire/*.jsonl -- --to ru,ar,tg --threads 8

The program and its models must be on every executor, at the same place (`--khulosa PATH`). Models are loaded once a
partition, so a partition should hold some hundred articles. OUT/records holds the records in the order of their ids
and OUT/rejected the rejections, both as text files whose parts, one after another, are the bytes that one run writes to
records.jsonl and rejected.jsonl. A task that is lost with its executor is done again on another.
"""

import argparse
import json
import os
import subprocess
import sys
import threading

from pyspark import SparkConf, SparkContext

# Rejections are results here; whether there are too many is for the caller to say.
ANY_NUMBER = "4294967295"


def arguments():
    ours, theirs = sys.argv[1:], []
    if "--" in ours:
        at = ours.index("--")
        ours, theirs = ours[:at], ours[at + 1 :]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="JSONL files, as Spark names them")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder that must not be there yet")
    parser.add_argument("--khulosa", default="khulosa", metavar="PATH", help="the program, on every executor")
    parser.add_argument("--partitions", type=int, default=0, metavar="N", help="default: as the inputs are cut")
    return parser.parse_args(ours), theirs


def through(command, partition):
    """Pipes numbered lines through the program; yields its lines with the names of the inputs put right."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    names, complaints = [], []

    def feed():
        try:
            for name, line in partition:
                names.append(name)
                process.stdin.write(line.encode() + b"\n")
            process.stdin.close()
        except BrokenPipeError:
            pass  # It has ended; its exit code says why.

    def listen():
        complaints.append(process.stderr.read().decode(errors="replace"))

    threads = [threading.Thread(target=feed, daemon=True), threading.Thread(target=listen, daemon=True)]
    for thread in threads:
        thread.start()
    # Nothing is printed before all is done, so every name is known by now.
    lines = process.stdout.read().decode().splitlines()
    for thread in threads:
        thread.join()
    if process.wait() != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {complaints[0].strip()}")
    for line in lines:
        yield put_right(line, names)


def put_right(line, names):
    """`-:7`, the seventh line of the partition, becomes the file and line that it came from."""
    value = json.loads(line)
    name = lambda found: names[int(found.split(":")[1]) - 1] if found.startswith("-:") else found
    if "code" in value:
        new = name(value["input"])
        return "rejected", (new, line.replace(f'"input":{quoted(value["input"])}', f'"input":{quoted(new)}', 1))
    new = sorted(name(found) for found in value["inputs"])
    line = line.replace(f'"inputs":{quoted(value["inputs"])}', f'"inputs":{quoted(new)}', 1)
    return "record", (value["id"], (new, line))


def quoted(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def joined(left, right):
    """Two records of one text, from two partitions: that of the first input, with the inputs of both."""
    (inputs, line), (others, _) = sorted([left, right])
    both = sorted(inputs + others)
    return both, line.replace(f'"inputs":{quoted(inputs)}', f'"inputs":{quoted(both)}', 1)


def numbered(context, path):
    """Lines of the files that a path stands for, each with `FILE:LINE` as a run would name it."""
    files = context.wholeTextFiles(path).keys().collect() if any(mark in path for mark in "*?[{") else [path]
    parts = []
    for file in sorted(files):
        name = file[len("file:") :] if file.startswith("file:") else file
        lines = context.textFile(file).zipWithIndex()
        parts.append(lines.map(lambda pair, name=name: (f"{name}:{pair[1] + 1}", pair[0])))
    return context.union(parts)


def main():
    options, flags = arguments()
    command = [options.khulosa, "run", "-", "--out", "-", "--progress", "none", "--max-rejected", ANY_NUMBER, *flags]
    context = SparkContext(conf=SparkConf().setAppName("khulosa"))
    context.setLogLevel("ERROR")
    lines = context.union([numbered(context, path) for path in options.inputs]).filter(lambda pair: pair[1].strip())
    if options.partitions:
        lines = lines.repartition(options.partitions)
    # Kept on disk, so that sorting and saving do not run the models again.
    from pyspark import StorageLevel

    results = lines.mapPartitions(lambda partition: through(command, partition)).persist(StorageLevel.DISK_ONLY)
    records = results.filter(lambda result: result[0] == "record").values().reduceByKey(joined).sortByKey()
    records.map(lambda record: record[1][1]).saveAsTextFile(os.path.join(options.out, "records"))
    rejected = results.filter(lambda result: result[0] == "rejected").values().sortBy(lambda rejection: rejection)
    rejected.values().saveAsTextFile(os.path.join(options.out, "rejected"))
    context.stop()


if __name__ == "__main__":
    main()
