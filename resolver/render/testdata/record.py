#!/usr/bin/env python3
"""Records what Portage prints, with the data it prints it from.

    PYTHONHASHSEED=0 PYTHONPATH=PORTAGE/lib python3 record.py worlds.py > display.json

PORTAGE is a checkout of Portage; its test playground (which needs root, bash,
zstd and a GNU tar called gtar) lays out the worlds of worlds.py.  Every case is
resolved once for each set of display options.  Hash tables are iterated in
places, so the seed is fixed.  The tests of package render read the result: a
report as render.Report has it, and the two streams.
"""
import io, json, os, re, shutil, sys

sys.dont_write_bytecode = True
os.environ.setdefault("PORTAGE_GNUPGHOME", "/tmp")
import portage

portage._internal_caller = True
import portage.output
import portage.tests.resolver.ResolverPlayground as playground
from portage.dbapi.dep_expand import dep_expand
from portage.dep import Atom
from portage.versions import best
from portage.dep import cpvequal
import _emerge.depgraph as dgmod
import _emerge.resolver.output as outmod
from _emerge.AtomArg import AtomArg
from _emerge.Blocker import Blocker
from _emerge.Package import Package
from _emerge.PackageArg import PackageArg
from _emerge.SetArg import SetArg
from _emerge.create_depgraph_params import create_depgraph_params
from _emerge.resolver.output_helpers import _DisplayConfig

EPREFIX = "/tmp/eprefix"


class NoGPG:
    def __init__(self, *args):
        pass

    unlock = stop = __init__


playground.GPG = NoGPG


def plain(s):
    return re.sub("\x1b[^m]+m", "", s)


class Recorder:
    """Turns the state of a depgraph into a report."""

    def __init__(self, dg):
        self.dg = dg
        self.pkgs, self.pkg_ids = [], {}
        self.blockers, self.blocker_ids = [], {}
        self.conf = None
        self.graph_nodes = {}

    # -- packages
    def pkg(self, pkg, configured=False):
        key = (id(pkg), configured)
        if key not in self.pkg_ids:
            self.pkg_ids[key] = len(self.pkgs)
            self.pkgs.append(None)
            self.keep = getattr(self, "keep", []) + [pkg]
            self.pkgs[self.pkg_ids[key]] = d = self.describe(pkg)
            if configured:  # without the changes of autounmask
                d["USE"] = sorted(pkg.use.enabled)
        return self.pkg_ids[key]

    def repo_dir(self, root, repo):
        return self.dg._frozen_config.trees[root]["porttree"].dbapi.getRepositoryPath(repo) or ""

    def root(self, root_config):
        s = root_config.settings
        return {
            "Root": s["ROOT"], "ERoot": root_config.root, "Arch": s.get("ARCH", ""),
            "UseExpand": s.get("USE_EXPAND", "").split(), "UseExpandHidden": s.get("USE_EXPAND_HIDDEN", "").split(),
        }

    def describe(self, pkg):
        dg, fc = self.dg, self.dg._frozen_config
        vardb = fc.trees[pkg.root]["vartree"].dbapi
        status, old = "new", []
        installed = vardb.match_pkgs(Atom(pkg.cp))
        if vardb.cpv_exists(pkg.cpv):
            status, old = "reinstall", vardb.match_pkgs(Atom("=" + pkg.cpv))[:1]
        elif installed:
            same = vardb.match_pkgs(pkg.slot_atom)
            if same:
                old = same
                up = cpvequal(pkg.cpv, best([pkg.cpv] + [x.cpv for x in same]))
                status = "update" if up else "downgrade"
            else:
                status, old = "new-slot", installed
        d = {
            "CP": pkg.cp, "Version": pkg.cpv.version, "BuildID": pkg.cpv.build_id or 0,
            "Slot": pkg.slot, "Subslot": pkg.sub_slot, "Repo": pkg.repo, "RepoDir": self.repo_dir(pkg.root, pkg.repo),
            "Origin": pkg.type_name, "Root": self.root(pkg.root_config),
            "Operation": {"merge": 0, "nomerge": 1, "uninstall": 2}[pkg.operation],
            "Status": status,
            "Old": [
                {"Version": o.cpv.version, "Slot": o.slot, "Subslot": o.sub_slot, "Repo": o.repo,
                 "RepoDir": self.repo_dir(o.root, o.repo), "IUSE": sorted(o.iuse.all), "USE": sorted(o.use.enabled)}
                for o in old
            ],
            "IUSE": sorted(pkg.iuse.all), "USE": sorted(dg._pkg_use_enabled(pkg)),
            "Fixed": sorted((pkg.use.force | pkg.use.mask) & (pkg.iuse.all | dg._pkg_use_enabled(pkg))),
            "ReinstallFlags": sorted(dg._dynamic_config._reinstall_nodes.get(pkg) or ()),
            "Interactive": "interactive" in pkg.properties,
            "Remote": bool(pkg.type_name == "binary" and pkg.remote),
        }
        d["Mark"] = "masked" if pkg.isHardMasked() else {None: "none", "missing": "unkeyworded", "unstable": "testing"}[pkg.get_keyword_mask()]
        if self.conf:
            disp = outmod.Display()
            disp.conf = self.conf
            system, world = disp.check_system_world(pkg)
            d["System"], d["World"] = bool(system), bool(world)
        if pkg.operation == "merge":
            self.merge(pkg, d)
        return d

    def merge(self, pkg, d):
        """What only a merge has."""
        dg = self.dg
        d["Rebuild"] = any(arg.force_reinstall for arg, atom in dg._iter_atoms_for_pkg(pkg))
        db = pkg.root_config.trees[pkg.root_config.pkg_tree_map[pkg.type_name]].dbapi
        kwargs = {}
        if pkg.type_name == "ebuild":
            kwargs = {"useflags": list(dg._pkg_use_enabled(pkg)), "myrepo": pkg.repo}
        sizes = db.getfetchsizes(pkg.cpv, **kwargs) or {}
        d["Files"] = [{"Name": k, "Bytes": v} for k, v in sizes.items()]
        if not pkg.built and "fetch" in pkg.restrict:
            missing = db.getfetchsizes(pkg.cpv, only_restricted=True, **kwargs)
            d["Fetch"] = "missing" if missing else "present"

    # -- items
    def blocker(self, b):
        key = id(b)
        if key not in self.blocker_ids:
            parents = self.dg._dynamic_config._blocker_parents.parent_nodes(b)
            order = list({str(p.cpv) for p in parents})
            self.blocker_ids[key] = len(self.blockers)
            vardb = self.dg._frozen_config.trees[b.root]["vartree"].dbapi
            text = str(b.atom).lstrip("!")
            self.blockers.append({
                "Atom": text, "Expanded": str(dep_expand(text, mydb=vardb, settings=self.dg._frozen_config.pkgsettings[b.root])),
                "Strong": bool(b.atom.blocker.overlap.forbid), "Satisfied": bool(b.satisfied),
                "Blocking": [self.pkg(p) for p in sorted(parents, key=lambda p: order.index(str(p.cpv)))],
            })
        return self.blocker_ids[key]

    def item(self, x):
        return {"Blocker": self.blocker(x)} if isinstance(x, Blocker) else {"Package": self.pkg(x)}

    def graph(self):
        """The graph with its edges in an order that keeps both ends' orders."""
        dc = self.dg._dynamic_config
        g = dc.digraph
        ids = {n: i for i, n in enumerate(g.order)}
        self.graph_nodes = ids
        pairs, after = {}, {}
        for n in g.order:
            for ends in ([(c, n) for c in g.nodes[n][0]], [(n, p) for p in g.nodes[n][1]]):
                for a in ends:
                    pairs.setdefault(a, 0)
                for a, b in zip(ends, ends[1:]):
                    pairs[b] = pairs.get(b, 0) + 1
                    after.setdefault(a, []).append(b)
        ready, edges = [e for e, n in pairs.items() if n == 0], []
        while ready:
            e = ready.pop(0)
            edges.append([ids[e[0]], ids[e[1]]])
            for b in after.get(e, ()):
                pairs[b] -= 1
                if pairs[b] == 0:
                    ready.append(b)
        assert len(edges) == len(pairs)
        uninstalls = []
        for u in dc._blocker_uninstalls.leaf_nodes():
            blockers = dc._blocker_uninstalls.parent_nodes(u)
            if not blockers:
                continue
            kept = self.dg._pkg(u.cpv, "installed", u.root_config, installed=True)
            instead = next(dc._package_tracker.match(u.root, u.slot_atom), None)
            uninstalls.append({"Task": self.pkg(u), "Kept": ids.get(kept, -1), "KeptPkg": self.pkg(kept), "Instead": ids.get(instead, -1),
                               "Blockers": [self.blocker(b) for b in blockers]})
        return {
            "Nodes": [self.pkg(n) if isinstance(n, Package) else -1 for n in g.order],
            "Edges": edges, "Top": [ids[n] for n in g.order if n in dc._set_nodes or not isinstance(n, Package)],
            "Uninstalls": uninstalls,
        }

    def parent(self, p):
        return {"Package": self.pkg(p)} if isinstance(p, Package) else {"Text": str(p)}

    def atom(self, atom, **bad):
        d = dict(bad)
        if atom.soname:
            d.update(Text=str(atom), Soname=True)
            return d
        op, ver = atom.operator or "", atom.version or ""
        if op == "=*":
            op, ver = "=", ver + "*"
        slot = ""
        if atom.slot:
            slot = ":" + atom.slot
        if atom.sub_slot:
            slot += "/" + atom.sub_slot
        if atom.slot_operator:
            slot = (slot or ":") + atom.slot_operator
        d.update(Text=str(atom), CP=atom.cp, Operator=op, Version=ver if op else "", Slot=slot)
        return d

    def masked(self, masked):
        out = []
        for root_config, settings, cpv, repo, metadata, reasons in masked:
            d = {"CPV": str(cpv), "Repo": repo or "", "Reasons": list(reasons)}
            bad = metadata is not None and not portage.eapi_is_supported(metadata["EAPI"])
            d["BadEAPI"] = bad
            portdb = root_config.trees["porttree"].dbapi
            if not bad and "package.mask" in reasons:
                comment, name = portage.getmaskingreason(cpv, metadata=metadata, settings=settings, portdb=portdb, return_location=True)
                d["Comment"], d["File"] = comment or "", name or ""
            if not bad and metadata is not None:
                d["Licenses"] = [{"Name": l, "Path": portdb.findLicensePath(l) or ""} for l in settings._getMissingLicenses(cpv, metadata)]
            out.append(d)
        return out


def use_changes(text):
    return [{"Flag": w[1:], "Enable": w[0] == "+"} for w in text.split()]


class Problems:
    """Watches display_problems and collects the data of its blocks."""

    def __init__(self):
        self.rec = self.dg = None
        self.d = {}
        self.unsatisfied, self.marks, self.unmatched = [], {}, []

    def start(self, rec):
        self.rec, self.dg = rec, rec.dg

    def __call__(self, frame, event, arg):
        f = getattr(self, "on_" + event + "_" + frame.f_code.co_name, None)
        if f and "_emerge" in frame.f_code.co_filename and (self.rec or f == self.on_call_highlight_violations):
            f(frame.f_locals, frame, arg)

    # -- hooks
    def on_call_highlight_violations(self, l, frame, arg):
        # The message is made when the handler is, which can be before the display.
        handler = frame.f_back.f_locals["self"]
        self.marks.setdefault(id(handler), (handler, []))[1].append({"BadVersion": bool(l["version"]), "BadSlot": bool(l["slot_violated"]), "BadUse": list(l["use"]),
                           "atom": l["atom"], "parent": frame.f_back.f_locals["parent"]})

    def on_return_format_unmatched_atom(self, l, frame, arg):
        if arg is not None and not l["atom"].soname:
            self.unmatched.append({"BadCP": l["atom"].cp != l["pkg"].cp, "BadVersion": l.get("highlight_version", False),
                                   "BadSlot": l.get("highlight_slot", False), "BadUse": sorted(l.get("highlight_use", ()))})

    def on_return__show_unsatisfied_dep(self, l, frame, arg):
        if l["check_backtrack"] or l["check_autounmask_breakage"] or l["collect_use_changes"]:
            return
        if "show_missing_use" not in l:
            return
        self.unsatisfied.append((frame.f_back.f_code.co_name, self.unsatisfied_dep(l)))

    def unsatisfied_dep(self, l):
        rec = self.rec
        what, root = re.fullmatch(r'"(.*)"(?: for (.*))?', plain(l["xinfo"])).groups()
        d = {"What": what, "Root": root or "", "NewestEAPI": str(portage.const.EAPI)}
        if l["show_req_use"] is not None:
            p = l["show_req_use"]
            d["RequiredUse"] = {"Package": rec.pkg(p, configured=True), "Unsatisfied": l["reduced_noise"], "Complete": l["normalized_required_use"]}
        elif l["show_missing_use"]:
            d["UseFixes"] = [self.use_fix(p, r) for p, r in l["show_missing_use"]]
        elif l["masked_packages"]:
            d["Masked"] = rec.masked(l["masked_packages"])
        else:
            d["BinaryOnly"] = bool(self.dg._frozen_config.myopts.get("--usepkgonly", False))
            d["Searched"], d["Similar"] = "matches" in l, list(l.get("matches", ()))
        if not isinstance(l["myparent"], AtomArg):
            d["Chain"] = [{"name": n, "kind": k} for n, k in l["dep_chain"]]
        return d

    def use_fix(self, p, reasons):
        d = {"CPV": str(p.cpv), "Repo": p.repo}
        for r in map(plain, reasons):
            if r.startswith("Missing IUSE: "):
                d["MissingIUSE"] = r[14:].split()
                continue
            m = re.fullmatch(r"Change USE: (.*?)(?:, this change violates use flag constraints defined by (\S+): '(.*)')?", r)
            d["Changes"] = use_changes(m[1])
            if m[2]:
                d["Violated"] = " ".join(p._metadata["REQUIRED_USE"].split())
        return d

    def on_return__show_missed_update_slot_conflicts(self, l, frame, arg):
        if not l["missed_updates"]:
            return
        marks = iter(self.unmatched)
        out = []
        for pkg, parents in l["missed_updates"]:
            ps = []
            for parent, atom in parents:
                if isinstance(parent, (PackageArg, AtomArg)):
                    ps.append({"Parent": self.rec.parent(parent), "Atom": {}})
                else:
                    ps.append({"Parent": self.rec.parent(parent), "Atom": self.rec.atom(atom, **next(marks))})
            out.append({"Package": self.rec.pkg(pkg), "Parents": ps})
        self.d.setdefault("Skipped", {})["Conflicts"] = out

    def on_return__show_missed_update_unsatisfied_dep(self, l, frame, arg):
        if not l["missed_updates"]:
            return
        deps = [u for who, u in self.unsatisfied if who == frame.f_code.co_name]
        masked = l["backtrack_masked"]
        out = []
        for pkg, parents in l["missed_updates"]:
            if (pkg, parents) in masked:
                continue
            selected = next(self.dg._dynamic_config._package_tracker.match(pkg.root, pkg.slot_atom))
            out.append({"Selected": self.rec.pkg(selected), "Skipped": self.rec.pkg(pkg), "Deps": [deps.pop(0) for _ in parents]})
        d = self.d.setdefault("Skipped", {})
        d["Unsatisfied"] = out
        d["Backtracked"] = [{"Slot": str(p.slot_atom), "Root": p.root if p.root_config.settings["ROOT"] != "/" else ""} for p, _ in masked]

    def on_return__show_ignored_binaries_respect_use(self, l, frame, arg):
        out = []
        for m in "".join(l["messages"]).splitlines():
            cpv, flags, root = re.fullmatch(r"    =(\S+) (.*?)(?: # for (.*))?", m).groups()
            out.append({"CPV": cpv, "Flags": flags.split(), "Root": root or ""})
        if out:
            self.d.setdefault("IgnoredBinaries", {})["Use"] = out

    def on_return__show_ignored_binaries_changed_deps(self, l, frame, arg):
        if l["messages"]:
            self.d.setdefault("IgnoredBinaries", {})["ChangedDeps"] = [self.ref(m.strip()) for m in l["messages"]]

    def ref(self, text):
        cpv, repo, root = re.fullmatch(r"(\S+)::(\S+?)(?: for (.*))?", text).groups()
        return {"CPV": cpv, "Repo": repo, "Root": root or ""}

    def on_return__changed_deps_report(self, l, frame, arg):
        if l.get("in_graph"):
            self.d["ChangedDeps"] = [{"CPV": str(p.cpv), "Repo": p.repo, "Root": p.root if p.root_config.settings["ROOT"] != "/" else ""}
                                     for p, e in l["report_pkgs"]]

    def on_return__display_autounmask(self, l, frame, arg):
        if "use_changes_msg" not in l:
            return
        roots = []
        for root in l["roots"]:
            dir = os.path.join(self.dg._frozen_config.roots[root].settings["PORTAGE_CONFIGROOT"], portage.const.USER_CONFIG_PATH)
            c = {"Dir": dir}
            for key, var in (("Keywords", "unstable_keyword_msg"), ("Masks", "p_mask_change_msg"), ("Use", "use_changes_msg"), ("Licenses", "license_msg")):
                if root in l[var]:
                    c[key] = self.config_lines(l[var][root])
            roots.append(c)
        stopped = bool(self.dg._dynamic_config._autounmask_backtrack_disabled)
        if roots or stopped:
            hint = not l["pretend"] and not l["autounmask_write"]
            self.d["Autounmask"] = {"Roots": roots, "Hint": hint, "Stopped": stopped}

    def config_lines(self, msgs):
        out, cur = [], {}
        for m in msgs:
            if m.startswith("# required by") or m == "# \n":
                cur["Chain"] = []
                for line in m.splitlines():
                    if line == "# ":
                        continue
                    name, argument = re.fullmatch(r"# required by (.*?)( \(argument\))?", line).groups()
                    cur["Chain"].append({"name": name, "kind": "argument" if argument else "ebuild"})
            elif m.startswith("#") and m.endswith(":\n") and "File" not in cur:
                cur["File"] = m[2:-2]
            elif m.startswith("#"):
                cur.setdefault("Comment", []).append(m[:-1])
            else:
                cur["Line"] = m[:-1]
                out.append(cur)
                cur = {}
        return out

    def on_return__show_unsatisfied_blockers(self, l, frame, arg):
        out = []
        pkgs = l["conflict_pkgs"]
        for pkg, parent_atoms in pkgs.items():
            preferred = set()
            for pa in parent_atoms:
                if pa[0] not in pkgs:
                    preferred.add(pa)
            order = list(preferred) + [pa for pa in parent_atoms if pa not in preferred]
            ps = []
            for parent, atom in order:
                d = {"Parent": self.rec.parent(parent)}
                if not isinstance(parent, (PackageArg, AtomArg)):
                    d["Atom"] = str(atom.unevaluated_atom if atom.package else atom)
                    if atom.package and atom != atom.unevaluated_atom:
                        d["Evaluated"] = str(atom)
                ps.append(d)
            out.append({"Package": self.rec.pkg(pkg), "Parents": ps})
        self.d["Blocked"] = {"Packages": out}

    # -- afterwards
    def collect(self):
        dg, dc = self.dg, self.dg._dynamic_config
        d = self.d
        if dc._circular_dependency_handler is not None:
            d["Circular"] = self.circular(dc._circular_dependency_handler)
        if dc._slot_conflict_handler is not None:
            d["SlotConflicts"] = self.slot_conflicts(dc._slot_conflict_handler)
        if getattr(dg, "_forced_rebuilds", None) and dg._frozen_config.myopts.get("--verbose-slot-rebuilds", "y") != "n":
            d["Rebuilds"] = [{"Cause": self.rec.pkg(c), "Packages": [self.rec.pkg(p) for p in ps]}
                             for r in dg._forced_rebuilds.values() for c, ps in r.items()]
        if dc._missing_args:
            world_set = dg._frozen_config.roots[dg._frozen_config.target_root].sets["selected"]
            world = "world" in dc.sets[dg._frozen_config.target_root].sets and any(
                a.name in ("selected", "world") and atom in world_set for a, atom in dc._missing_args)
            d["Missing"] = {"Atoms": [str(a) for _, a in dc._missing_args], "World": bool(world)}
        if dc._pprovided_args:
            d["Provided"] = [{"Arg": str(atom) if isinstance(arg, SetArg) else str(arg.arg), "From": arg.name if isinstance(arg, SetArg) else "args"}
                             for arg, atom in dc._pprovided_args]
        for key, pkgs in (("MaskedUpdates", dc._masked_license_updates), ("MaskedInstalled", dc._masked_installed)):
            masked = [(p.root_config, dg._frozen_config.pkgsettings[p.root], p.cpv, p.repo, p._metadata,
                       dgmod.get_masking_status(p, dg._frozen_config.pkgsettings[p.root], p.root_config, use=dg._pkg_use_enabled(p))) for p in pkgs]
            if masked:
                d[key] = self.rec.masked(masked)
        d["Unsatisfied"] = [u for who, u in self.unsatisfied if who == "display_problems"]
        if dc._buildpkgonly_deps_unsatisfied or dc._quickpkg_direct_deps_unsatisfied:
            d["DepsNeeded"] = {"BuildOnly": bool(dc._buildpkgonly_deps_unsatisfied), "Quickpkg": bool(dc._quickpkg_direct_deps_unsatisfied),
                               "Root": dg._frozen_config._running_root.root}
        return d

    def circular(self, h):
        cyc = []
        for i, p in enumerate(h.shortest_cycle or ()):
            parent = h.shortest_cycle[i - 1]
            cyc.append({"Package": self.rec.pkg(p), "Priority": str(h.graph.nodes[parent][0][p][-1])})
        sug = []
        for s in map(plain, h.suggestions or ()):
            cpv, ch, more = re.fullmatch(r"- (\S+) \(Change USE: (.*?)\)\n(.*)", s).groups()
            sug.append({"CPV": cpv, "Changes": use_changes(ch), "Followup": bool(more)})
        return {"List": [self.rec.item(x) for x in h.merge_list], "Cycle": cyc, "Suggestions": sug, "Large": bool(h.large_cycle_count)}

    def slot_conflicts(self, h):
        by_text = {}
        for root, atom, pkgs in h.all_conflicts:
            for p in pkgs:
                by_text[plain(str(p))] = p
        marks = self.marks.get(id(h), (h, []))[1]
        parents = {plain(str(m["parent"])): m["parent"] for m in marks}
        marks = iter(marks)
        out, stuck = [], []
        lines = iter(plain(h.get_conflict()).split("\n"))
        for line in lines:
            m = re.fullmatch(r"([^\s()!]+/[^\s()]+:\S+?)(?: for (.*))?", line)
            if m and not line.startswith(" "):
                out.append({"Slot": {"Slot": m[1], "Root": m[2] or ""}, "Packages": []})
            elif re.match(r"  \(.*\): ", line):
                text, reason = line[2:].rsplit("): ", 1)
                stuck.append({"Package": self.rec.pkg(parents[text + ")"]), "Reason": reason})
            elif line.startswith("  ("):
                p = next(p for t, p in by_text.items() if line[2:].startswith(t + " "))
                cur = {"Package": self.rec.pkg(p), "Orphan": line.endswith(" (no parents)"), "Parents": [], "Omitted": 0}
                out[-1]["Packages"].append(cur)
            elif re.match(r"    \(and \d+ more", line):
                cur["Omitted"] = int(line.split()[1])
            elif line.endswith(" (Argument)"):
                cur["Parents"].append({"Atom": {"Text": line.strip().rsplit(" ", 1)[0]}, "Argument": True, "Parent": {"Text": line.strip()}})
            elif " required by " in line:
                mk = next(marks)
                atom, parent = mk.pop("atom"), mk["parent"]
                mk2 = {k: v for k, v in mk.items() if k != "parent"}
                cur["Parents"].append({"Atom": self.rec.atom(atom, **mk2), "Parent": self.rec.parent(parent)})
                next(lines)
        opts = self.dg._frozen_config.myopts
        unspecific = not h.is_a_version_conflict and h.conflict_is_unspecific and not ("--newuse" in opts and "--update" in opts)
        changes = [] if h.is_a_version_conflict or not h.solutions else [
            [{"CPV": str(p.cpv), "Changes": [{"Flag": f, "Enable": bool(v)} for f, v in c.items()]} for p, c in change.items()] for change in h.changes]
        bt = opts.get("--backtrack")
        return {"Conflicts": out, "Stuck": stuck, "Unspecific": bool(unspecific), "Solutions": changes, "Found": len(h.solutions or ()),
                "TryBacktrack": not self.dg._dynamic_config._allow_backtracking and (bt is None or 0 < bt < 30)}


def go_options(o, color):
    names = {"--quiet": "Quiet", "--verbose": "Verbose", "--columns": "Columns", "--tree": "Tree", "--unordered-display": "UnorderedTree",
             "--alphabetical": "Alphabetical", "--quiet-repo-display": "QuietRepos"}
    d = {v: True for k, v in names.items() if k in o}
    if color:
        d["Color"] = True
    return d


def run(pg, args, options, show, color):
    options = dict(options, **show)
    options.setdefault("--pretend", True)
    if options["--pretend"] is False:
        del options["--pretend"]
    if options.get("--getbinpkg"):
        pg.trees[pg.eroot]["bintree"].populate(getbinpkgs=True, pretend=True)
    portage.output.havecolor = color
    out, err = io.StringIO(), io.StringIO()
    quiet = portage.util.noiselimit
    asked = go_options(options, color)
    params = create_depgraph_params(options, None)
    portage.util.noiselimit = -2
    probs = Problems()
    sys.setprofile(probs)
    success, dg, favorites = dgmod.backtrack_depgraph(pg.settings, pg.trees, options, params, None, list(args), None)
    sys.setprofile(None)
    portage.util.noiselimit = -1 if "--quiet" in options else 0
    rec = Recorder(dg)
    probs.start(rec)
    mylist = dg.altlist() if success else dg._dynamic_config._serialized_tasks_cache
    rec.conf = _DisplayConfig(dg, mylist or (), favorites if success else [], None)
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    try:
        if success:
            dg.display(dg.altlist(), favorites=favorites)
        sys.setprofile(probs)
        dg.display_problems()
    finally:
        sys.setprofile(None)
        sys.stdout, sys.stderr = stdout, stderr
        portage.util.noiselimit = quiet
    report = {"ShowList": bool(success), "List": None if mylist is None else [rec.item(x) for x in mylist]}
    report["Problems"] = probs.collect()
    if "--tree" in options or "Circular" in report["Problems"]:
        report["Graph"] = rec.graph()
    report["Packages"], report["Blockers"] = rec.pkgs, rec.blockers
    return {"options": asked, "report": report, "out": out.getvalue(), "err": err.getvalue()}


def play(world):
    shutil.rmtree(EPREFIX, ignore_errors=True)
    conf = dict(world.get("user_config", {}))
    conf["make.conf"] = ('FEATURES="-binpkg-signing -gpg-keepalive"', 'BINPKG_FORMAT="xpak"') + tuple(conf.get("make.conf", ()))
    keys = ("ebuilds", "binpkgs", "binrepos", "installed", "profile", "repo_configs", "sets", "world", "world_sets", "distfiles", "targetroot")
    pg = playground.ResolverPlayground(eprefix=EPREFIX, user_config=conf, **{k: world[k] for k in keys if k in world})
    try:
        for name, lines in world.get("manifests", {}).items():
            with open(os.path.join(EPREFIX, "var/repositories/test_repo", name, "Manifest"), "w") as f:
                f.write("".join(l + "\n" for l in lines))
        for name, text in world.get("files", {}).items():
            path = os.path.join(EPREFIX, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        for args, options, shows in world["cases"]:
            for show in shows:
                show = dict(show)
                color = show.pop("color", False)
                pg.reload_config()
                r = run(pg, args, options, show, color)
                name = " ".join([world["name"]] + list(args) + [f"{k}={v}" for k, v in options.items()] + sorted(show) + ["color"] * color)
                yield dict(name=name, **r)
    finally:
        pg.cleanup()


def main():
    scope = {}
    with open(sys.argv[1]) as f:
        exec(compile(f.read(), sys.argv[1], "exec"), scope)
    only = sys.argv[2:]
    cases = []
    for world in scope["worlds"]:
        if only and world["name"] not in only:
            continue
        print(world["name"], file=sys.stderr)
        cases += play(world)
    head = {"portage": str(portage.VERSION), "command": "PYTHONHASHSEED=0 record.py " + os.path.basename(sys.argv[1])}
    json.dump(dict(head, cases=cases), sys.stdout, separators=(",", ":"), sort_keys=True)
    print()


if __name__ == "__main__":
    main()
