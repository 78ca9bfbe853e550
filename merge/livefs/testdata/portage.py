#!/usr/bin/env python3
"""Asks Portage what becomes of the roots of scenarios.txt.

PORTAGE_SRC=<Portage source> python3 portage.py < scenarios.txt > portage.txt

Each scenario is run with its "ebuild" program in a root of its own, as the superuser.
"""
import hashlib, os, shutil, stat, subprocess, sys, tempfile

SRC = os.environ["PORTAGE_SRC"]
STAMP = 1700000000
HIDDEN = ("var/db", "var/cache", "var/log", "var/tmp", "conf", "tmp", "fixture", "repo", "var/lib/portage/world", "var/lib/portage/preserved_libs_registry",
          "var/lib/portage/world_sets", "etc/portage", "var/lib/portage/repo_revisions")


def lay(top, lines, age):
    when = (STAMP + age) * 10**9 + 123456789
    os.makedirs(top, exist_ok=True)
    for line in lines:
        name, _, rest = line.strip().partition(" ")
        full, mode = os.path.join(top, name), None
        os.makedirs(os.path.dirname(full.rstrip("/")), exist_ok=True)
        first = rest.split(" ", 1)[0] if rest else ""
        if first and all(c in "01234567" for c in first):
            mode, rest = int(first, 8), rest[len(first):].strip()
        if name.endswith("/"):
            os.makedirs(full, exist_ok=True)
            if mode is not None:
                os.chmod(full, mode)
            continue
        if rest.startswith("-> "):
            os.symlink(rest[3:], full)
            os.utime(full, ns=(when, when), follow_symlinks=False)
            continue
        if rest.startswith("=> "):
            os.link(os.path.join(top, rest[3:]), full)
            continue
        if rest == "|":
            os.mkfifo(full, 0o600)
        else:
            text = rest[1:].strip()
            with open(full, "w") as f:
                f.write(text + "\n" if text else "")
            os.chmod(full, 0o644)
        if mode is not None:
            os.chmod(full, mode)
        os.utime(full, ns=(when, when))


def show(root):
    out = []
    for base, dirs, files in os.walk(root):
        for n in dirs + files:
            full = os.path.join(base, n)
            rel = os.path.relpath(full, root)
            if any(rel == h or rel.startswith(h + "/") for h in HIDDEN):
                continue
            st = os.lstat(full)
            line = "%s %s" % (rel, stat.filemode(st.st_mode))
            if stat.S_ISLNK(st.st_mode):
                line += " -> " + os.readlink(full)
            elif stat.S_ISREG(st.st_mode):
                data = open(full, "rb").read()
                if rel == "var/lib/portage/config":
                    data = b"".join(sorted(data.splitlines(True)))
                line += " " + hashlib.md5(data).hexdigest()[:8]
                if st.st_nlink > 1:
                    line += " links %d" % st.st_nlink
                if st.st_mtime_ns % 10**9 == 123456789:
                    line += " +%d" % (st.st_mtime_ns // 10**9 - STAMP)
            out.append(line)
    db = os.path.join(root, "var/db/pkg")
    for cat in sorted(os.listdir(db)) if os.path.isdir(db) else []:
        if cat.startswith("."):
            continue
        for pf in sorted(os.listdir(os.path.join(db, cat))):
            name = os.path.join(db, cat, pf, "CONTENTS")
            for line in open(name) if os.path.exists(name) else []:
                line = line.rstrip("\n")
                if line.startswith(("obj ", "sym ")):
                    line, _, mtime = line.rpartition(" ")
                    if STAMP <= int(mtime) < STAMP + 10**6:
                        line += " +%d" % (int(mtime) - STAMP)
                out.append("CONTENTS %s/%s %s" % (cat, pf, line))
    return sorted(out)


class Scenario:
    def __init__(self, name):
        self.name, self.conf = name, {"FEATURES": "", "CONFIG_PROTECT": "/etc", "CONFIG_PROTECT_MASK": "", "INSTALL_MASK": "", "UNINSTALL_IGNORE": ""}
        self.root = tempfile.mkdtemp()
        os.chmod(self.root, 0o755)
        p = lambda *a: os.path.join(self.root, *a)
        for d in ("etc", "usr/bin", "usr/share", "run", "var/lib/portage", "var/cache/edb"):
            os.makedirs(p(d))
        # The configuration is outside of the root.
        self.cfg = tempfile.mkdtemp()
        c = lambda *a: os.path.join(self.cfg, *a)
        os.makedirs(c("etc/portage"))
        for d in ("profiles/default", "metadata", "a/b", "a/c"):
            os.makedirs(c("repo", d))
        w = lambda name, text: open(name, "w").write(text)
        w(c("repo/profiles/repo_name"), "test\n")
        w(c("repo/profiles/arch.list"), "amd64\n")
        w(c("repo/profiles/categories"), "a\n")
        w(c("repo/profiles/default/make.defaults"), 'ARCH="amd64"\nACCEPT_KEYWORDS="amd64"\nCHOST="x86_64-pc-linux-gnu"\n')
        w(c("repo/metadata/layout.conf"), "masters =\nuse-manifests = false\nthin-manifests = true\n")
        w(c("etc/portage/repos.conf"), "[DEFAULT]\nmain-repo = test\n[test]\nlocation = %s\n" % c("repo"))
        os.symlink(c("repo/profiles/default"), c("etc/portage/make.profile"))

    def ebuild(self, cpv, *phases):
        cat, pf = cpv.split("/")
        pn = pf.rsplit("-", 1)[0]
        path = os.path.join(self.cfg, "repo", cat, pn, pf + ".ebuild")
        with open(path, "w") as f:
            f.write('EAPI=7\nSLOT=0\nKEYWORDS=amd64\nDESCRIPTION=d\nHOMEPAGE=http://x/\nLICENSE=l\nS=${WORKDIR}\nRESTRICT="strip"\n'
                    'src_install() { cp -a "%s"/. "${D}"/ || die; }\n' % os.path.join(self.cfg, "image"))
        feats = "-sandbox -usersandbox -userpriv -userfetch -ipc-sandbox -network-sandbox -pid-sandbox -mount-sandbox -news -ebuild-locks -merge-sync -xattr " + self.conf["FEATURES"]
        with open(os.path.join(self.cfg, "etc/portage/make.conf"), "w") as f:
            for k, v in self.conf.items():
                f.write('%s="%s"\n' % (k, feats if k == "FEATURES" else v))
            f.write('PORTAGE_TMPDIR="%s"\nDISTDIR="%s"\nPKGDIR="%s"\nCOLLISION_IGNORE=""\n' % (self.cfg, self.cfg, self.cfg))
        env = {"PATH": os.environ["PATH"], "HOME": self.cfg, "PORTAGE_CONFIGROOT": self.cfg, "ROOT": self.root, "SYSROOT": "/", "NOCOLOR": "true",
               "PYTHONPATH": os.path.join(SRC, "lib"), "PORTAGE_USERNAME": "root", "PORTAGE_GRPNAME": "root"}
        r = subprocess.run([sys.executable, os.path.join(SRC, "bin/ebuild"), "--skip-manifest", path, *phases], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if os.environ.get("SHOW"):
            sys.stderr.write(r.stdout)
        return r.returncode

    def run(self, steps):
        answers = []
        i = 0
        while i < len(steps):
            word, _, rest = steps[i].partition(" ")
            i += 1
            full = lambda n: os.path.join(self.root, n)
            if word == "features":
                self.conf["FEATURES"] = rest
            elif word in ("protect", "mask", "installmask", "ignore"):
                self.conf[{"protect": "CONFIG_PROTECT", "mask": "CONFIG_PROTECT_MASK", "installmask": "INSTALL_MASK", "ignore": "UNINSTALL_IGNORE"}[word]] = rest
            elif word == "write":
                name, _, text = rest.partition(" = ")
                os.makedirs(os.path.dirname(full(name)), exist_ok=True)
                open(full(name), "w").write(text + "\n")
            elif word == "remove":
                os.remove(full(rest))
            elif word == "mkdir":
                os.makedirs(full(rest))
            elif word == "link":
                name, _, target = rest.partition(" -> ")
                os.symlink(target, full(name))
            elif word == "move":
                a, b = rest.split()
                os.makedirs(os.path.dirname(full(b)), exist_ok=True)
                os.rename(full(a), full(b))
            elif word == "merge":
                cpv, age = rest.split()
                lines = []
                while i < len(steps) and steps[i].startswith("  "):
                    lines.append(steps[i])
                    i += 1
                image = os.path.join(self.cfg, "image")
                shutil.rmtree(image, ignore_errors=True)
                lay(image, lines, int(age))
                answers.append("status %d" % (self.ebuild(cpv, "clean", "merge") != 0))
            elif word == "unmerge":
                answers.append("status %d" % (self.ebuild(rest, "unmerge") != 0))
        return answers + show(self.root)


def main():
    scenario, steps, todo = None, [], []
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line.startswith("#") or not line:
            continue
        if line.startswith("== "):
            steps = []
            todo.append((line[3:], steps))
        else:
            steps.append(line)
    for name, steps in todo:
        s = Scenario(name)
        print("== " + name)
        for line in s.run(steps):
            print(line.replace(s.root, "ROOT"))
        sys.stdout.flush()
        shutil.rmtree(s.root)
        shutil.rmtree(s.cfg)


main()
