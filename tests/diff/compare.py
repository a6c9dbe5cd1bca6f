# SPDX-License-Identifier: MIT
# compare.py SHMTOOL WALK SEED: every field that SHMTOOL shows of the segments of this namespace
# beside /proc/sysvipc/shm, beside what WALK prints, and beside ipcs and lsipc, whose own faults are
# listed at their comparison. Then the same for a made-up /proc/sysvipc/shm of extreme numbers.
import collections
import datetime
import functools
import grp
import json
import os
import pwd
import random
import re
import subprocess
import sys
import tempfile

SHMTOOL, WALK = sys.argv[1:3]
PAGE = os.sysconf("SC_PAGESIZE")
ZONE = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
os.environ.update(TZ="TST-5:30", LC_ALL="C.UTF-8")
random.seed(int(sys.argv[3]))
fields = differences = 0


@functools.lru_cache(None)
def user(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return None


@functools.lru_cache(None)
def group(gid):
    try:
        return grp.getgrgid(gid).gr_name
    except (KeyError, OverflowError):
        return None


def alive(pid):
    return os.path.exists(f"/proc/{pid}")


# The columns of shmtool as JSON has them, made from the numbers of /proc/sysvipc/shm or of WALK.
def as_json(row, seq=None):
    def time(name):
        return datetime.datetime.fromtimestamp(row[name], datetime.timezone.utc).strftime(
            "%4Y-%m-%dT%H:%M:%SZ") if row[name] else None
    return {
        "key": f"0x{row['key'] & 0xffffffff:08x}", "id": row["shmid"],
        "owner": user(row["uid"]), "group": group(row["gid"]),
        "creator": user(row["cuid"]), "creator_group": group(row["cgid"]),
        "uid": row["uid"], "gid": row["gid"], "cuid": row["cuid"], "cgid": row["cgid"],
        "mode": f"{row['perms'] & 0o777:04o}", "size": row["size"], "nattch": row["nattch"],
        "status": ["dest"] * (row["perms"] >> 9 & 1) + ["locked"] * (row["perms"] >> 10 & 1),
        "atime": time("atime"), "dtime": time("dtime"), "ctime": time("ctime"),
        "cpid": row["cpid"], "lpid": row["lpid"], "rss": row.get("rss"), "swap": row.get("swap"),
        "pages": -(-row["size"] // PAGE), "seq": seq,
    }


# The same columns as text: RAW for scripts, else with units and local times.
def as_text(row, seq, raw):
    def size(value):
        if value is None or raw:
            return "-" if value is None else str(value)
        power, exact = 0, value
        while exact and exact % 1024 == 0:
            exact, power = exact // 1024, power + 1
        if exact <= 9999:
            return f"{exact}{' KMGTPE'[power]}".strip()
        # Rounded to a tenth of the largest unit.
        power = (value.bit_length() - 1) // 10
        tenths = (20 * value // 1024 ** power + 1) // 2
        if tenths == 10240:
            tenths, power = 10, power + 1
        return f"{tenths // 10}.{tenths % 10}{'KMGTPE'[power - 1]}"

    def time(value):
        if not value:
            return "-"
        return str(value) if raw else datetime.datetime.fromtimestamp(value, ZONE).strftime(
            "%4Y-%m-%dT%H:%M:%S+05:30")
    cells = as_json(row, seq)
    cells.update({name: size(cells[name]) for name in ("size", "rss", "swap")})
    cells.update({name: time(row[name]) for name in ("atime", "dtime", "ctime")})
    for name, number in (("owner", "uid"), ("group", "gid"), ("creator", "cuid"),
                         ("creator_group", "cgid")):
        cells[name] = cells[name] or row[number]
    cells["status"] = ",".join(cells["status"]) or "-"
    return {name: "-" if cell is None else str(cell) for name, cell in cells.items()}


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        complain(f"{' '.join(command)[:100]}: status {done.returncode}")
    return done.stdout.decode()


def complain(text):
    global differences
    differences += 1
    if differences <= 20:
        print(text)


# Both are lists of records; the fields of WANTED are those that count.
def compare(what, got, wanted, whole=True):
    global fields
    if len(got) != len(wanted):
        complain(f"{what}: {len(got)} segments, not {len(wanted)}")
    for mine, theirs in zip(got, wanted):
        fields += len(theirs)
        if whole and [name for name in mine if name in theirs] != list(theirs):
            complain(f"{what}: columns {list(mine)}, not {list(theirs)}")
        if mine == theirs and [*map(type, mine.values())] == [*map(type, theirs.values())]:
            continue  # 1, 1.0 and True are equal
        for name, value in theirs.items():
            if name not in mine or mine[name] != value or type(mine[name]) != type(value):
                complain(f"{what}: segment {theirs.get('id', theirs.get('shmid'))}: {name} is {mine.get(name)!r}, "
                         f"not {value!r}")


def from_json(text):
    document = json.loads(text)
    assert document.pop("schema_version") == 1
    return document["segments"]


def from_raw(text):
    heading, *lines = text.split("\n")[:-1]
    return [dict(zip(heading.lower().split("\t"), line.split("\t"), strict=True)) for line in lines]


def from_table(text):
    heading, *lines = text.splitlines()
    return [dict(zip(heading.lower().split(), line.split(), strict=True)) for line in lines]


def from_records(text):
    return [dict(line.split(": ") for line in record.split("\n"))
            for record in text.rstrip("\n").split("\n\n")]


def numbers(text, perms_base):
    heading, *lines = text.splitlines()
    names = ["shmid" if name == "id" else name for name in heading.split()]
    return [{name: int(word, perms_base if name == "perms" else 10)
             for name, word in zip(names, line.split(), strict=True)} for line in lines]


def shuffled(rows):
    return random.sample(rows, len(rows))


def compare_listing(rows, seqs, prefix=()):
    wanted = [as_json(row, seq) for row, seq in zip(rows, seqs)]
    raw = [as_text(row, seq, True) for row, seq in zip(rows, seqs)]
    shown = [as_text(row, seq, False) for row, seq in zip(rows, seqs)]
    names = ",".join(wanted[0])
    call = functools.partial(run, *prefix, SHMTOOL)
    compare("list -J", from_json(call("list", "-J")), wanted)
    compare("list -r", from_raw(call("list", "-r", "-o", names)), raw)
    compare("list", from_table(call("list", "-o", names)), shown)
    order = shuffled(range(len(rows)))
    ids = [f"{random.choice(['', 'id:'])}{rows[i]['shmid']}" for i in order]
    compare("stat -J", from_json(call("stat", "-J", *ids)), [wanted[i] for i in order])
    # Records have sizes in bytes.
    bytes_too = [shown[i] | {name: raw[i][name] for name in ("size", "rss", "swap")} for i in order]
    compare("stat", from_records(call("stat", *ids)), bytes_too)
    while order:
        some, order = order[:300], order[300:]
        compare("stat -r", from_raw(call("stat", "-r", *(str(rows[i]["shmid"]) for i in some))),
                [raw[i] for i in some])


def compare_keys(rows, seqs):
    chosen = [i for i in shuffled(range(len(rows))) if rows[i]["key"]][:500]
    keys = [random.choice([f"key:{rows[i]['key']}", f"0x{rows[i]['key'] & 0xffffffff:x}"])
            for i in chosen]
    compare("stat by key", from_json(run(SHMTOOL, "stat", "-J", *keys)),
            [as_json(rows[i], seqs[i]) for i in chosen])


def compare_orphans(rows):
    got = from_json(run(SHMTOOL, "list", "-J", "-o", "id,orphan"))
    compare("orphan", got, [{"id": row["shmid"],
                             "orphan": row["nattch"] == 0 and not alive(row["cpid"]) and
                                       not (row["lpid"] and alive(row["lpid"]))}
                            for row in rows])


# The faults of ipcs and lsipc (util-linux 2.38), by field: what is wrong, and what they print for
# the number there. Nothing else may differ; a version without a fault is welcome.
def cut_name(uid):
    return str(user(uid))[:10]


def bare_octal(perms):
    return f"{perms & 0o777:o}"


def yearless(value):
    return datetime.datetime.fromtimestamp(value, ZONE).strftime("%b %d %H:%M:%S")


IPCS_FAULTS = {
    "owner": ("cuts names to 10 characters", "uid", cut_name),
    "mode": ("has no leading zeros", "perms", bare_octal),
    "status": ("has no comma between words", "perms", lambda perms: "dest locked"),
    "atime": ("has no year and no offset", "atime", yearless),
    "dtime": ("has no year and no offset", "dtime", yearless),
    "ctime": ("has no year and no offset", "ctime", yearless),
}
LSIPC_FAULTS = {
    "mode": ("has at most one leading zero", "perms",
             lambda perms: f"0{perms & 0o777:o}" if perms & 0o777 else "0"),
    "cgid": ("is the creator's user id", "cuid", str),
}
seen = collections.Counter()


def compare_peer(program, faults, got, rows):
    global fields
    if len(got) != len(rows):
        complain(f"{program}: {len(got)} segments, not {len(rows)}")
    for theirs, row in zip(got, rows):
        wanted = as_text(row, None, raw=False) | {"size": str(row["size"])}
        for name, text in theirs.items():
            what, source, fault = faults.get(name, (None, None, None))
            fields += 1
            if text == wanted[name]:
                continue
            if what and text == fault(row[source]):
                seen[f"{program}: {name} {what}"] += 1
            else:
                complain(f"{program}: segment {row['shmid']}: {name} is {text!r}, "
                         f"not {wanted[name]!r}")


# The tables of ipcs have columns of fixed width, and words or nothing at the end.
def compare_ipcs(rows):
    time = r"(Not set|\w+ \d+ [\d:]+)"
    tables = {
        "": ("key id owner mode size nattch status",
             r"(0x\w+) +(\d+) +(\S+) +(\d+) +(\d+) +(\d+) +(.*?) *"),
        "-p": ("id owner cpid lpid", r"(\d+) +(\S+) +(\d+) +(\d+) *"),
        "-c": ("id mode creator creator_group owner group",
               r"(\d+) +(\d+) +(\S+) +(\S+) +(\S+) +(\S+) *"),
        "-t": ("id owner atime dtime ctime", rf"(\d+) +(\S+) +{time} +{time} +{time} *"),
    }
    for option, (names, pattern) in tables.items():
        lines = [match.groups() for match in
                 map(re.compile(pattern).fullmatch, run("ipcs", "-m", *option.split()).split("\n"))
                 if match]
        compare_peer(f"ipcs -m {option}".strip(), IPCS_FAULTS,
                     [dict(zip(names.split(), ("-" if cell in ("", "Not set") else
                                               re.sub(" +", " ", cell) for cell in line)))
                      for line in lines], rows)


def compare_lsipc(rows):
    names = {"key": "key", "id": "id", "owner": "owner", "perms": "mode", "cuid": "cuid",
             "cuser": "creator", "cgid": "cgid", "cgroup": "creator_group", "uid": "uid",
             "user": "owner", "gid": "gid", "group": "group", "ctime": "ctime", "size": "size",
             "nattch": "nattch", "status": "status", "attach": "atime", "detach": "dtime",
             "cpid": "cpid", "lpid": "lpid"}
    got = json.loads(run("lsipc", "-m", "-J", "-b", "-P", "--time-format=iso", "-o",
                         ",".join(names)))["sharedmemory"]
    numbers_of = {"user": "uid", "group": "gid", "cuser": "cuid", "cgroup": "cgid"}
    # All is text there, and what has no name is null.
    compare_peer("lsipc", LSIPC_FAULTS, [
        {names[name]: text or (str(row[numbers_of[name]]) if name in numbers_of else "-")
         for name, text in theirs.items()} for theirs, row in zip(got, rows)], rows)


# A row that no kernel of today shows, but that the format allows.
def extreme(shmid):
    def number(bits):
        return random.choice([0, 1, 2**bits - 1, random.randrange(2**random.randint(1, bits))])
    return {"key": random.choice([0, -2**31, 2**31 - 1, random.randrange(-2**31, 2**31)]),
            "shmid": shmid, "perms": random.randrange(0o4000), "size": number(64),
            "cpid": number(31), "lpid": number(31), "nattch": number(64),
            **{name: number(32) for name in ("uid", "gid", "cuid", "cgid")},
            **{name: min(number(38), 253402300799 - 86400) for name in ("atime", "dtime", "ctime")},
            "rss": min(number(64), 2**64 - 2), "swap": min(number(64), 2**64 - 2)}


def compare_extremes(count):
    rows = [extreme(shmid) for shmid in random.sample(range(2**31), count)]
    with tempfile.NamedTemporaryFile("w", dir=".") as file:
        print(*rows[0], file=file)
        for row in rows:
            print(*(format(cell, "o") if name == "perms" else cell for name, cell in row.items()),
                  file=file)
        file.flush()
        os.chmod(file.name, 0o644)
        compare_listing(rows, [None] * count, ("unshare", "--mount", "sh", "-c",
                        f"mount --bind {file.name} /proc/sysvipc/shm && exec \"$@\"", "sh"))


def main():
    with open("/proc/sysvipc/shm", encoding="ascii") as file:
        rows = numbers(file.read(), 8)
    walked = numbers(run(WALK), 10)
    seqs = [row["seq"] for row in walked]
    compare("the walk", walked, [{name: value for name, value in row.items()
                                  if name not in ("rss", "swap")} for row in rows], whole=False)
    compare("pages, seq", from_json(run(SHMTOOL, "list", "-J", "-o", "pages,seq")),
            [{"pages": row["pages"], "seq": row["seq"]} for row in walked])
    compare_listing(rows, seqs)
    compare_keys(rows, seqs)
    compare_orphans(rows)
    blind = ("unshare", "--mount", "sh", "-c",
             "mount -t tmpfs none /proc/sysvipc && exec \"$@\"", "sh")
    compare_listing([{**row, "rss": None, "swap": None} for row in rows], seqs, blind)
    other = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")
    compare_listing(rows, seqs, other)
    compare_ipcs(rows)
    compare_lsipc(rows)
    compare_extremes(2000)
    with open(os.path.dirname(os.path.abspath(__file__)) + "/../../man/shmtool.schema.json") as schema:
        for name, about in json.load(schema)["$defs"]["segment"]["properties"].items():
            if name not in as_json(rows[0]) and "where -o names it" not in about["description"]:
                print(f"column {name} is not compared")
    for fault, count in sorted(seen.items()):
        print(f"{fault} ({count} times)")
    print(f"{len(rows):,} segments, {fields:,} fields compared, {differences} differences (SEED={sys.argv[3]})")
    sys.exit(differences != 0)


main()
