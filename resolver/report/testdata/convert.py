#!/usr/bin/env python3
"""Turns the worlds that package render recorded into case files.

    python3 convert.py ../../render/testdata/worlds.py > worlds.json

Each world is a playground in the form of the resolver's case files; "shows"
lists the recorded displays of its requests, in the order of the recording, by
the names they have there.
"""
import base64, json, sys


def lines(v):
    return [v] if isinstance(v, str) else list(v)


def packages(v):
    items = v.items() if isinstance(v, dict) else v
    return [{"cpv": cpv, "metadata": {k: str(x) for k, x in m.items()}} for cpv, m in items]


def files(v):
    return {k: lines(x) for k, x in v.items()}


def main():
    scope = {}
    with open(sys.argv[1]) as f:
        exec(compile(f.read(), sys.argv[1], "exec"), scope)
    out = []
    for w in scope["worlds"]:
        d = {
            "ebuilds": packages(w.get("ebuilds", {})), "binpkgs": packages(w.get("binpkgs", ())),
            "binrepos": {},  # the recording did not reach them
            "installed": packages(w.get("installed", {})), "profile": files(w.get("profile", {})),
            "repo_configs": {}, "user_config": files(w.get("user_config", {})), "sets": {},
            "world": w.get("world", []), "world_sets": [], "eclasses": {},
            "distfiles": {k: base64.b64encode(v).decode() for k, v in w.get("distfiles", {}).items()},
            "targetroot": bool(w.get("targetroot")),
        }
        after = {"var/repositories/test_repo/licenses/TEST": ""}
        after |= {f"var/repositories/test_repo/{name}/Manifest": "".join(l + "\n" for l in m) for name, m in w.get("manifests", {}).items()}
        shows = []
        for args, options, displays in w["cases"]:
            for show in displays:
                show = dict(show)
                color = show.pop("color", False)
                name = " ".join([w["name"]] + list(args) + [f"{k}={v}" for k, v in options.items()] + sorted(show) + ["color"] * color)
                all_options = {k: v for k, v in {**options, **show}.items() if v != "auto"}  # the default
                all_options.setdefault("--pretend", True)
                if all_options["--pretend"] is False:
                    del all_options["--pretend"]
                shows.append({"name": name, "args": list(args), "options": all_options, "color": color})
        pg = {"class": "", "method": w["name"], "index": 0, "subtest": None, "definition": d, "cases": [],
              "files_after_setup": after, "config_reloaded": False}
        out.append({"playground": {"playgrounds": [pg]}, "shows": shows})
    json.dump(out, sys.stdout, separators=(",", ":"), sort_keys=True)
    print()


main()
