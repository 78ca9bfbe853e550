# Worlds for record.py: what ResolverPlayground takes, and cases as
# (arguments, options, list of display options).
V, Q = {"--verbose": True}, {"--quiet": True}
COLUMNS, TREE = {"--columns": True}, {"--tree": True}


def opt(*names):
    d = {}
    for n in names:
        d["color" if n == "color" else "--" + n] = True
    return d


LIST = [
    opt(), opt("verbose"), opt("quiet"), opt("quiet", "verbose"),
    opt("columns"), opt("columns", "verbose"), opt("columns", "quiet"),
    opt("alphabetical"), opt("alphabetical", "verbose"),
    opt("quiet-repo-display", "verbose"), opt("quiet-repo-display"),
    opt("color"), opt("color", "verbose"), opt("color", "columns", "verbose"), opt("color", "columns", "quiet"),
]
TREES = [
    opt("tree"), opt("tree", "verbose"), opt("tree", "unordered-display", "verbose"), opt("tree", "quiet"), opt("tree", "verbose", "color"),
]
BLOCK = [opt(), opt("verbose"), opt("quiet"), opt("verbose", "color")]
EXPAND = {"make.conf": ('USE_EXPAND="FOO BAR BAR_BAZ HIDE L10N"', 'USE_EXPAND_HIDDEN="HIDE"')}

worlds = []


def world(name, **kw):
    worlds.append(dict(name=name, **kw))


# USE flags: every mark.
world(
    "use",
    ebuilds={
        "app/new-1": {"EAPI": "8", "IUSE": "+on off forced masked f2 f10 F1 foo_a +foo_b bar_x bar_baz_y hide_z l10n_de l10n_pt-BR"},
        "app/up-2": {"EAPI": "8", "IUSE": "+same off +newon newoff +wasoff wason forced masked newforced newmasked foo_a +foo_b +bar_baz_y hide_z"},
        "app/re-1": {"EAPI": "8", "IUSE": "+a b +c hide_z"},
        "app/hid-1": {"EAPI": "8", "IUSE": "a +hide_z"},
        "app/slot-2": {"EAPI": "8", "SLOT": "2", "IUSE": "+a b c"},
        "app/plain-1": {"EAPI": "8"},
        "app/alpha-1": {"EAPI": "8", "IUSE": "z1 +z10 z2 z03 +A b-c +b_d e+f g@h x11 x2y x2"},
    },
    installed={
        "app/up-1": {"EAPI": "8", "IUSE": "same off wasoff wason gone goneon forced masked foo_a foo_b foo_gone", "USE": "same wason goneon foo_b forced foo_gone"},
        "app/re-1": {"EAPI": "8", "IUSE": "a b c hide_z", "USE": "b c hide_z"},
        "app/hid-1": {"EAPI": "8", "IUSE": "a hide_z", "USE": ""},
        "app/slot-1": {"EAPI": "8", "SLOT": "1", "IUSE": "a b d", "USE": "b d"},
    },
    profile={"use.force": ("forced", "newforced"), "use.mask": ("masked", "newmasked")},
    user_config=EXPAND,
    cases=[
        (["app/new", "app/up", "app/re", "app/slot", "app/plain", "app/alpha"], {}, LIST),
        (["app/new", "app/up", "app/re", "app/hid", "app/slot"], {"--newuse": True, "--update": True}, LIST),
        (["app/re", "app/hid"], {"--changed-use": "y", "--update": True}, BLOCK),
    ],
)

# Slots, sub-slots, repositories and versions of what is replaced.
world(
    "slots",
    ebuilds={
        "app/zero-2": {"EAPI": "8"},
        "app/sub-2": {"EAPI": "8", "SLOT": "0/2"},
        "app/subnew-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/named-1": {"EAPI": "8", "SLOT": "three"},
        "app/multi-3": {"EAPI": "8", "SLOT": "3/3.1"},
        "app/same-1": {"EAPI": "8", "SLOT": "0/2"},
        "app/moved-1": {"EAPI": "8", "SLOT": "2"},
        "app/other-2::overlay": {"EAPI": "8"},
        "app/repo-1::overlay": {"EAPI": "8"},
        "app/down-1": {"EAPI": "8"},
        "app/rev-1-r0": {"EAPI": "8"},
        "app/revup-1-r1": {"EAPI": "8"},
        "app/equal-1.0": {"EAPI": "8", "SLOT": "0/9"},
        "app/gone-2": {"EAPI": "8", "SLOT": "1"},
    },
    installed={
        "app/zero-1": {"EAPI": "8"},
        "app/sub-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/multi-1": {"EAPI": "8", "SLOT": "1/1.5"},
        "app/multi-2-r0": {"EAPI": "8", "SLOT": "2"},
        "app/same-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/moved-1": {"EAPI": "8", "SLOT": "1"},
        "app/other-1": {"EAPI": "8"},
        "app/repo-1": {"EAPI": "8"},
        "app/down-2": {"EAPI": "8"},
        "app/revup-1-r0": {"EAPI": "8"},
        "app/equal-1.0": {"EAPI": "8", "SLOT": "0/9"},
        "app/gone-1::nowhere": {"EAPI": "8", "SLOT": "1"},
    },
    cases=[
        (["app/zero", "app/sub", "app/subnew", "app/named", "app/multi", "app/same", "app/moved", "app/other", "app/repo", "app/down", "app/rev", "app/revup",
          "app/equal", "app/gone"], {"--oneshot": True}, LIST),
    ],
)

# Masks, keywords, interactive, restricted and shared files, world and system.
world(
    "states",
    ebuilds={
        "app/stable-1": {"EAPI": "8"},
        "app/testing-1": {"EAPI": "8", "KEYWORDS": "~x86"},
        "app/foreign-1": {"EAPI": "8", "KEYWORDS": "~mips arm"},
        "app/none-1": {"EAPI": "8", "KEYWORDS": ""},
        "app/masked-1": {"EAPI": "8"},
        "app/ask-1": {"EAPI": "8", "PROPERTIES": "interactive"},
        "app/files-1": {"EAPI": "8", "SRC_URI": "http://x.test/a.tar http://x.test/b.tar"},
        "app/more-1": {"EAPI": "8", "SRC_URI": "http://x.test/b.tar u? ( http://x.test/c.tar )", "IUSE": "+u"},
        "app/here-1": {"EAPI": "8", "SRC_URI": "http://x.test/here.tar", "RESTRICT": "fetch"},
        "app/hand-1": {"EAPI": "8", "SRC_URI": "http://x.test/hand.tar", "RESTRICT": "fetch"},
        "app/nofiles-1": {"EAPI": "8", "RESTRICT": "fetch"},
        "app/sys-1": {"EAPI": "8"},
        "app/world-2": {"EAPI": "8"},
        "app/old-1": {"EAPI": "8", "PROPERTIES": "interactive"},
    },
    installed={"app/world-1": {"EAPI": "8"}, "app/old-1": {"EAPI": "8"}},
    profile={"packages": ("*app/sys",), "package.mask": ("app/masked",)},
    user_config={"package.unmask": ("app/masked",), "package.accept_keywords": ("app/testing ~x86", "app/foreign **", "app/none **")},
    world=["app/world"],
    distfiles={"here.tar": b"x" * 3000, "a.tar": b"y" * 1000},
    manifests={
        "app/files": ["DIST a.tar 5000 BLAKE2B 0 SHA512 0", "DIST b.tar 1234567 BLAKE2B 0 SHA512 0"],
        "app/more": ["DIST b.tar 1234567 BLAKE2B 0 SHA512 0", "DIST c.tar 1 BLAKE2B 0 SHA512 0"],
        "app/here": ["DIST here.tar 3000 BLAKE2B 0 SHA512 0"],
        "app/hand": ["DIST hand.tar 2048 BLAKE2B 0 SHA512 0"],
    },
    cases=[
        (["app/stable", "app/testing", "app/foreign", "app/none", "app/masked", "app/ask", "app/files", "app/more", "app/here", "app/nofiles",
          "app/sys", "app/world", "app/old"], {}, LIST),
        (["app/stable", "app/sys", "app/world"], {"--oneshot": True}, [opt("color")]),
        (["app/ask", "app/here"], {}, LIST[:3]),
    ],
)

# Binary packages: build ids, remote ones, USE that differs, rebuilds.
world(
    "binaries",
    ebuilds={"app/a-1": {"EAPI": "8", "IUSE": "+f"}, "app/b-1": {"EAPI": "8"}, "app/c-1": {"EAPI": "8", "SLOT": "0/1"}, "app/d-1": {"EAPI": "8", "IUSE": "+g h"}},
    binpkgs=(
        ("app/a-1", {"EAPI": "8", "IUSE": "+f", "USE": "f", "BUILD_ID": "3"}),
        ("app/b-1", {"EAPI": "8"}),
        ("app/d-1", {"EAPI": "8", "IUSE": "+g h", "USE": "h", "BUILD_ID": "1"}),
    ),
    binrepos={"far": (("app/c-1", {"EAPI": "8", "SLOT": "0/1", "BUILD_ID": "12"}),)},
    installed={"app/b-1": {"EAPI": "8"}, "app/c-0": {"EAPI": "8"}},
    user_config={"make.conf": ('FEATURES="${FEATURES} binpkg-multi-instance"',)},
    cases=[
        (["app/a", "app/b", "app/c", "app/d"], {"--usepkg": True, "--getbinpkg": True}, LIST + TREES[:1]),
        (["app/a", "app/d"], {"--usepkg": True}, BLOCK),
    ],
)

# Another root.
world(
    "root",
    targetroot=True,
    ebuilds={
        "app/a-2": {"EAPI": "8", "IUSE": "+f", "BDEPEND": "app/tool", "DEPEND": "app/lib:=", "RDEPEND": "app/lib:="},
        "app/lib-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/tool-1": {"EAPI": "8", "RDEPEND": "app/lib"},
    },
    cases=[
        (["app/a"], {}, LIST + TREES),
        (["app/tool"], {"--root-deps": True}, BLOCK),
    ],
)

# Trees: depth, fillers, cycles at run time, packages that stay.
world(
    "tree",
    ebuilds={
        "app/top-1": {"EAPI": "8", "RDEPEND": "app/left app/right"},
        "app/left-1": {"EAPI": "8", "RDEPEND": "app/deep app/stay", "IUSE": "+u"},
        "app/right-1": {"EAPI": "8", "DEPEND": "app/deep", "RDEPEND": "app/loop1", "PDEPEND": "app/post"},
        "app/deep-2": {"EAPI": "8", "DEPEND": "app/base"},
        "app/base-1": {"EAPI": "8"},
        "app/stay-1": {"EAPI": "8", "RDEPEND": "app/under", "IUSE": "+v w"},
        "app/under-2": {"EAPI": "8"},
        "app/loop1-1": {"EAPI": "8", "RDEPEND": "app/loop2"},
        "app/loop2-1": {"EAPI": "8", "RDEPEND": "app/loop1 app/base"},
        "app/post-1": {"EAPI": "8", "RDEPEND": "app/right app/late"},
        "app/late-1": {"EAPI": "8", "DEPEND": "app/base"},
        "app/alone-1": {"EAPI": "8"},
    },
    installed={
        "app/stay-1": {"EAPI": "8", "RDEPEND": "app/under", "IUSE": "v w", "USE": "v"},
        "app/under-1": {"EAPI": "8"}, "app/deep-1": {"EAPI": "8"},
    },
    world=["app/stay", "app/alone"],
    cases=[
        (["app/top"], {}, TREES),
        (["app/top"], {"--update": True, "--deep": True}, TREES),
        (["@world"], {"--update": True, "--deep": True}, TREES),
        (["app/top", "app/deep", "@world"], {"--update": True, "--deep": True, "--complete-graph": "y"}, TREES + [opt("tree", "quiet", "verbose"), opt("tree", "alphabetical")]),
        (["app/alone", "app/left"], {"--emptytree": True}, TREES),
        (["app/top"], {"--onlydeps": True}, TREES),
    ],
)

# Blockers that are solved.
world(
    "blocks",
    ebuilds={
        "app/new-1": {"EAPI": "8", "RDEPEND": "!app/old"},
        "app/hard-1": {"EAPI": "8", "RDEPEND": "!!<app/lib-2 app/lib"},
        "app/lib-2": {"EAPI": "8"},
        "app/two-1": {"EAPI": "8", "RDEPEND": "!app/old !app/third:2"},
        "app/soft-1": {"EAPI": "8", "RDEPEND": "!<app/lib-2[x(-)] app/lib"},
    },
    installed={"app/old-1": {"EAPI": "8", "IUSE": "q"}, "app/lib-1": {"EAPI": "8"}, "app/third-2": {"EAPI": "8", "SLOT": "2"}, "app/back-1": {"EAPI": "8", "RDEPEND": "!app/new"}},
    cases=[
        (["app/new"], {}, LIST + TREES),
        (["app/new", "app/two", "app/hard", "app/soft"], {"--dynamic-deps": "n"}, LIST + TREES),
        (["app/hard"], {}, BLOCK + TREES),
        (["app/two"], {}, BLOCK + TREES),
    ],
)

# Blockers that stay.
world(
    "blocked",
    ebuilds={
        "app/a-1": {"EAPI": "8", "RDEPEND": "!app/b", "IUSE": "+u v"},
        "app/b-1": {"EAPI": "8", "RDEPEND": "!!app/a"},
        "app/c-1": {"EAPI": "8", "DEPEND": "app/a app/b[u?]", "IUSE": "+u"},
        "app/d-1": {"EAPI": "8", "RDEPEND": "app/a !app/keep"},
        "app/b-2": {"EAPI": "8", "RDEPEND": "!app/a", "IUSE": "+u"},
    },
    installed={"app/keep-1": {"EAPI": "8"}},
    world=["app/keep"],
    cases=[
        (["app/a", "app/b"], {}, LIST),
        (["app/c"], {}, BLOCK + TREES),
        (["app/d"], {}, BLOCK),
    ],
)

# Nothing satisfies.
world(
    "unsatisfied",
    ebuilds={
        "app/user-1": {"EAPI": "8", "RDEPEND": "app/nothing"},
        "app/user2-1": {"EAPI": "8", "DEPEND": "u? ( app/user ) >=app/masked-2", "IUSE": "+u"},
        "app/user3-1": {"EAPI": "8", "RDEPEND": "app/flags[want,-unwanted]"},
        "app/user4-1": {"EAPI": "8", "RDEPEND": "app/flags[nosuch]"},
        "app/user5-1": {"EAPI": "8", "IUSE": "want +other", "REQUIRED_USE": "want? ( !other )", "RDEPEND": "app/noflag[want=]"},
        "app/user6-1": {"EAPI": "8", "RDEPEND": "app/req"},
        "app/user7-1": {"EAPI": "8", "RDEPEND": "|| ( app/lic app/lic2 )"},
        "app/user8-1": {"EAPI": "8", "RDEPEND": "app/future"},
        "app/user9-1": {"EAPI": "8", "RDEPEND": "app/strict[a]"},
        "app/flags-1": {"EAPI": "8", "IUSE": "want +unwanted"},
        "app/flags-2": {"EAPI": "8", "IUSE": "want +unwanted"},
        "app/noflag-1": {"EAPI": "8", "IUSE": "+want"},
        "app/strict-1": {"EAPI": "8", "IUSE": "a b", "REQUIRED_USE": "a? ( b )"},
        "app/req-1": {"EAPI": "8", "IUSE": "+a +b c foo_x +foo_y hide_q", "REQUIRED_USE": "^^ ( a b ) c? ( a )  ?? ( a c )"},
        "app/whole-1": {"EAPI": "8", "IUSE": "a b", "REQUIRED_USE": "|| ( a b )"},
        "app/lic2-1": {"EAPI": "8", "LICENSE": "TEST"},
        "app/masked-1": {"EAPI": "8", "KEYWORDS": "~x86"},
        "app/masked-2": {"EAPI": "8"},
        "app/masked-3": {"EAPI": "8", "KEYWORDS": ""},
        "app/masked-4": {"EAPI": "8"},
        "app/lic-1": {"EAPI": "8", "LICENSE": "TEST"},
        "app/future-1": {"EAPI": "42"},
        "other/masked-1": {"EAPI": "8"},
    },
    user_config=EXPAND,
    files={"var/repositories/test_repo/licenses/TEST": "A licence\n"},
    profile=dict({"package.mask": ("# Somebody <a@b.test> (2026-01-01)", "# Broken: see the bug.", "# Second line", ">=app/masked-2", "=app/masked-4")}),
    cases=[([a], {"--autounmask": "n"}, BLOCK + [opt("tree")]) for a in (
        "app/user", "app/user2", "app/user3", "app/user4", "app/user5", "app/user6", "app/user7", "app/user8", "app/user9",
        "app/masked", "app/whole", "app/flag", "app/mask", "nothing", "app/xyz", "=app/masked-3", "app/flags[want]", "app/noflag:9", "app/req[b]")]
    + [(["app/user3"], {"--autounmask": "n", "--usepkgonly": True}, BLOCK), (["app/typo"], {"--misspell-suggestions": "n"}, BLOCK)],
)

# Changes of configuration.
world(
    "autounmask",
    ebuilds={
        "app/use-1": {"EAPI": "8", "RDEPEND": "app/flags[want,-unwanted]"},
        "app/flags-1": {"EAPI": "8", "IUSE": "want +unwanted"},
        "app/flags-2": {"EAPI": "8", "IUSE": "want +unwanted", "SLOT": "0"},
        "app/flags-3": {"EAPI": "8", "IUSE": "want +unwanted", "SLOT": "3", "KEYWORDS": "~x86"},
        "app/slotted-1": {"EAPI": "8", "RDEPEND": "app/flags:0[want]"},
        "app/keyword-1": {"EAPI": "8", "RDEPEND": "app/testing app/unkeyworded"},
        "app/testing-1": {"EAPI": "8", "KEYWORDS": "~x86"},
        "app/testing-0": {"EAPI": "8", "KEYWORDS": "~x86"},
        "app/unkeyworded-1": {"EAPI": "8", "KEYWORDS": ""},
        "app/mask-1": {"EAPI": "8", "RDEPEND": "u? ( app/masked )", "IUSE": "+u"},
        "app/masked-1": {"EAPI": "8"},
        "app/license-1": {"EAPI": "8", "RDEPEND": "app/lic"},
        "app/lic-1": {"EAPI": "8", "LICENSE": "TEST"},
        "app/all-1": {"EAPI": "8", "RDEPEND": "app/use app/keyword app/mask app/license app/slotted"},
    },
    profile={"package.mask": ("# Why", "#", "# not", "app/masked")},
    cases=[([a], dict({"--autounmask": "y", "--autounmask-backtrack": "y", "--autounmask-license": "y"}, **more), shows) for a, more, shows in (
        ("app/use", {}, BLOCK), ("app/slotted", {}, BLOCK), ("app/keyword", {}, BLOCK), ("app/mask", {}, BLOCK), ("app/license", {}, BLOCK),
        ("app/all", {}, BLOCK + TREES), ("app/all", {"--autounmask-unrestricted-atoms": True}, BLOCK), ("app/all", {"--pretend": False}, BLOCK),
        ("app/use", {"--autounmask-backtrack": "n"}, BLOCK), ("app/masked", {}, BLOCK))],
)
world(
    "autounmask-stopped",
    ebuilds={
        "dev-libs/B-1": {"EAPI": "5", "DEPEND": "dev-libs/D[foo(-)?,bar(-)?]", "IUSE": "+bar +foo"},
        "dev-libs/D-1": {}, "dev-libs/C-1": {"EAPI": "8", "DEPEND": "dev-libs/E[u] >=dev-libs/L-2 <dev-libs/L-2"},
        "dev-libs/E-1": {"EAPI": "8", "IUSE": "u"}, "dev-libs/L-1": {}, "dev-libs/L-2": {},
    },
    cases=[(["=dev-libs/B-1"], {"--autounmask": True}, BLOCK), (["dev-libs/C"], {"--autounmask": True}, BLOCK)],
)
world(
    "autounmask-roots",
    targetroot=True,
    ebuilds={
        "app/a-1": {"EAPI": "8", "BDEPEND": "app/tool[f]", "RDEPEND": "app/lib[f]"},
        "app/tool-1": {"EAPI": "8", "IUSE": "f"}, "app/lib-1": {"EAPI": "8", "IUSE": "f"},
    },
    cases=[(["app/a"], {"--autounmask": "y", "--autounmask-backtrack": "y"}, BLOCK)],
)

# Cycles.
world(
    "circular",
    ebuilds={
        "app/a-1": {"EAPI": "8", "DEPEND": "app/b"},
        "app/b-1": {"EAPI": "8", "DEPEND": "app/c", "IUSE": "+u"},
        "app/c-1": {"EAPI": "8", "DEPEND": "app/a", "RDEPEND": "app/side"},
        "app/side-1": {"EAPI": "8"},
        "app/z-1": {"EAPI": "8", "DEPEND": "u? ( app/y )", "IUSE": "+u"},
        "app/y-1": {"EAPI": "8", "DEPEND": "app/z", "RDEPEND": "app/outer:="},
        "app/outer-1": {"EAPI": "8", "RDEPEND": "app/z[u?]", "IUSE": "+u"},
        "app/two-1": {"EAPI": "8", "DEPEND": "v? ( w? ( app/three ) )", "IUSE": "+v +w", "REQUIRED_USE": "v? ( w )"},
        "app/three-1": {"EAPI": "8", "DEPEND": "app/two"},
        "app/self-1": {"EAPI": "8", "DEPEND": "app/self"},
        "app/m1-1": {"EAPI": "8", "DEPEND": "app/m2 app/m3 app/m4", "RDEPEND": "app/keep"},
        "app/m2-1": {"EAPI": "8", "DEPEND": "app/m1 u? ( app/m3 )", "IUSE": "+u"},
        "app/m3-1": {"EAPI": "8", "DEPEND": "app/m1 u? ( app/m2 )", "IUSE": "+u"},
        "app/m4-1": {"EAPI": "8", "DEPEND": "u? ( app/m1 )", "IUSE": "+u"},
        "app/keep-1": {"EAPI": "8"},
        "app/p1-1": {"EAPI": "8", "DEPEND": "u? ( app/p2 )", "IUSE": "+u"}, "app/p2-1": {"EAPI": "8", "DEPEND": "v? ( app/p1 )", "IUSE": "+v"},
        "app/k1-1": {"EAPI": "8", "DEPEND": "app/k2 app/k3 u? ( app/k4 ) app/k5", "IUSE": "+u"}, "app/k2-1": {"EAPI": "8", "DEPEND": "app/k1 app/k3 app/k4"},
        "app/k3-1": {"EAPI": "8", "DEPEND": "u? ( app/k1 ) app/k2 app/k5", "IUSE": "+u"}, "app/k4-1": {"EAPI": "8", "DEPEND": "u? ( app/k1 app/k2 )", "IUSE": "+u"},
        "app/k5-1": {"EAPI": "8", "DEPEND": "u? ( app/k1 app/k3 )", "IUSE": "+u"},
        "app/r1-1": {"EAPI": "8", "RDEPEND": "app/r2:="}, "app/r2-1": {"EAPI": "8", "RDEPEND": "app/r1"},
    },
    installed={"app/keep-1": {"EAPI": "8"}},
    world=["app/keep"],
    cases=[([a], {}, BLOCK + [opt("tree"), opt("columns"), opt("unordered-display", "tree"), opt("alphabetical", "quiet")]) for a in
           ("app/a", "app/z", "app/two", "app/self", "app/m1", "app/outer", "app/r1", "app/p1", "app/k5")]
    + [(["app/a", "app/m1", "@world"], {"--update": True, "--deep": True}, BLOCK)],
)

# Several packages for a slot.
world(
    "slotconflict",
    ebuilds={
        "app/v1-1": {"EAPI": "8", "DEPEND": "<app/lib-2"},
        "app/v2-1": {"EAPI": "8", "DEPEND": ">=app/lib-2", "IUSE": "+f g"},
        "app/v3-1": {"EAPI": "8", "DEPEND": ">=app/lib-1.5:="},
        "app/v4-1": {"EAPI": "8", "DEPEND": "=app/lib-1*"},
        "app/v5-1": {"EAPI": "8", "DEPEND": "~app/lib-2"},
        "app/v6-1": {"EAPI": "8", "DEPEND": "<app/lib-2"},
        "app/lib-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/lib-2": {"EAPI": "8", "SLOT": "0/2"},
        "app/s1-1": {"EAPI": "8", "DEPEND": "app/lib:0/1"},
        "app/s2-1": {"EAPI": "8", "DEPEND": "app/lib:0/2="},
        "app/u1-1": {"EAPI": "8", "DEPEND": "app/flag[a]"},
        "app/u2-1": {"EAPI": "8", "DEPEND": "=app/flag-1[-a]"},
        "app/u3-1": {"EAPI": "8", "DEPEND": "app/flag[b?,c(+)]", "IUSE": "+b"},
        "app/flag-1": {"EAPI": "8", "IUSE": "a b"},
        "app/flag-2": {"EAPI": "8", "IUSE": "+a b"},
        "app/bound-1": {"EAPI": "8", "RDEPEND": "app/lib:="},
        "app/solve1-1": {"EAPI": "8", "DEPEND": "app/sol[foo]"},
        "app/solve2-1": {"EAPI": "8", "DEPEND": "app/sol[-foo] app/sol2[foo?]", "IUSE": "foo"},
        "app/sol-1": {"EAPI": "8", "IUSE": "foo"}, "app/sol-2": {"EAPI": "8", "IUSE": "+foo"},
    },
    installed={
        "app/lib-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/bound-1": {"EAPI": "8", "RDEPEND": "app/lib:0/1="}, "app/excl-1": {"EAPI": "8", "RDEPEND": "app/lib:0/1="},
    },
    world=["app/bound", "app/excl"],
    cases=[(a, dict({"--backtrack": 0, "--autounmask": "n"}, **more), BLOCK + [opt("verbose", "columns")]) for a, more in (
        (["app/v1", "app/v2"], {}), (["app/v1", "app/v2", "app/v3", "app/v4", "app/v5"], {}),
        (["app/v1", "app/v2", "app/v3", "app/v4", "app/v5"], {"--verbose-conflicts": True}),
        (["app/v1", "app/v6", "app/v2"], {}), (["app/s1", "app/s2"], {}), (["app/u1", "app/u2"], {}), (["app/u2", "app/u1", "app/u3"], {"--newuse": True, "--update": True}),
        (["=app/lib-1", "=app/lib-2"], {}), (["app/lib", "@world"], {"--update": True, "--deep": True}),
        (["app/lib", "@world"], {"--update": True, "--deep": True, "--exclude": ["app/bound"]}),
        (["=app/sol-1", "app/sol"], {}), (["=app/flag-1", "app/u1"], {"--newuse": True, "--update": True}))]
    + [(["app/v1", "app/v2"], {"--backtrack": 3}, BLOCK)],
)
world(
    "slotconflict-use",
    ebuilds={
        "dev-libs/A-1": {"EAPI": "2", "SLOT": "0", "IUSE": "foo", "PDEPEND": ""},
        "dev-libs/B-1": {"EAPI": "2", "IUSE": "foo", "DEPEND": "dev-libs/A[foo=]"},
        "dev-libs/C-1": {"EAPI": "2", "IUSE": "+foo", "DEPEND": "dev-libs/A[foo=]"},
        "dev-libs/D-1": {"EAPI": "2", "DEPEND": "=dev-libs/A-1[foo] dev-libs/E"},
        "dev-libs/E-1": {"EAPI": "2", "IUSE": "bar", "DEPEND": "=dev-libs/A-1[foo=,bar?]", },
        "dev-libs/X-1": {"EAPI": "2", "IUSE": "foo"}, "dev-libs/Y-1": {"EAPI": "2", "IUSE": "foo", "DEPEND": "dev-libs/X[foo=]"},
        "dev-libs/Z-1": {"EAPI": "2", "IUSE": "+foo", "DEPEND": "dev-libs/X[foo=]"},
    },
    installed={"dev-libs/X-1": {"EAPI": "2", "IUSE": "foo", "USE": "foo"}, "dev-libs/A-1": {"EAPI": "2", "IUSE": "foo", "USE": "foo"}, "dev-libs/B-1": {"EAPI": "2", "IUSE": "foo", "USE": "foo", "RDEPEND": "dev-libs/A[foo]"}},
    world=["dev-libs/B"],
    cases=[(["dev-libs/A", "dev-libs/B"], {"--autounmask": "n"}, BLOCK), (["dev-libs/A", "dev-libs/B", "dev-libs/C"], {"--autounmask": "n"}, BLOCK),
           (["dev-libs/B", "dev-libs/C"], {"--autounmask": "n"}, BLOCK), (["dev-libs/B", "dev-libs/C", "dev-libs/Y", "dev-libs/Z"], {"--autounmask": "n"}, BLOCK), (["dev-libs/A", "dev-libs/D"], {"--autounmask": "n"}, BLOCK),
           (["dev-libs/A", "dev-libs/B", "dev-libs/C"], {"--autounmask": "n", "--newuse": True, "--update": True, "--deep": True}, BLOCK)],
)

# Updates that are held back, rebuilds, changed dependencies, binaries that do not fit.
world(
    "updates",
    ebuilds={
        "app/lib-1": {"EAPI": "8", "SLOT": "0/1", "IUSE": "+f"},
        "app/lib-2": {"EAPI": "8", "SLOT": "0/2", "IUSE": "+f"},
        "app/pin-1": {"EAPI": "8", "RDEPEND": "<app/lib-2:=[f]", "IUSE": "u"},
        "app/other-1": {"EAPI": "8", "RDEPEND": "app/lib:="},
        "app/need-1": {"EAPI": "8"},
        "app/need-2": {"EAPI": "8", "DEPEND": "app/missing"},
        "app/base-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/base-2": {"EAPI": "8", "SLOT": "0/2"},
        "app/user-1": {"EAPI": "8", "RDEPEND": "app/base:="},
        "app/user2-1": {"EAPI": "8", "DEPEND": "app/base:=", "RDEPEND": "app/base:="},
        "app/changed-1": {"EAPI": "8", "RDEPEND": "app/extra"},
        "app/extra-1": {"EAPI": "8"},
    },
    installed={
        "app/lib-1": {"EAPI": "8", "SLOT": "0/1", "IUSE": "f", "USE": "f"},
        "app/pin-1": {"EAPI": "8", "RDEPEND": "<app/lib-2:0/1=[f]", "IUSE": "u"},
        "app/other-1": {"EAPI": "8", "RDEPEND": "app/lib:0/1="},
        "app/need-1": {"EAPI": "8"},
        "app/base-1": {"EAPI": "8", "SLOT": "0/1"},
        "app/user-1": {"EAPI": "8", "RDEPEND": "app/base:0/1="},
        "app/user2-1": {"EAPI": "8", "DEPEND": "app/base:0/1=", "RDEPEND": "app/base:0/1="},
        "app/changed-1": {"EAPI": "8"},
    },
    world=["app/lib", "app/pin", "app/other", "app/need", "app/base", "app/user", "app/user2", "app/changed"],
    cases=[
        (["@world"], {"--update": True, "--deep": True}, BLOCK + TREES + LIST[4:8]),
        (["@world"], {"--update": True, "--deep": True, "--verbose-slot-rebuilds": "n"}, BLOCK),
        (["@world"], {"--update": True, "--deep": True, "--changed-deps-report": "y", "--dynamic-deps": "n"}, BLOCK),
        (["app/base"], {"--update": True}, BLOCK),
        (["app/lib"], {"--update": True}, BLOCK),
        (["app/need"], {"--update": True}, BLOCK),
    ],
)
world(
    "ignored",
    ebuilds={"app/a-1": {"EAPI": "8", "IUSE": "+f g +h"}, "app/b-1": {"EAPI": "8", "RDEPEND": "app/c"}, "app/c-1": {"EAPI": "8"}},
    binpkgs=(("app/a-1", {"EAPI": "8", "IUSE": "+f g +h", "USE": "g", "BUILD_ID": "1"}), ("app/a-1", {"EAPI": "8", "IUSE": "+f g +h", "USE": "f", "BUILD_ID": "2"}),
             ("app/b-1", {"EAPI": "8", "BUILD_ID": "1"})),
    user_config={"make.conf": ('FEATURES="${FEATURES} binpkg-multi-instance"',)},
    cases=[(["app/a", "app/b"], {"--usepkg": True, "--binpkg-changed-deps": "auto", "--binpkg-respect-use": "auto"}, BLOCK),
           (["app/a", "app/b"], {"--usepkg": True, "--changed-deps": "y"}, BLOCK)],
)

# Arguments: missing, provided, masked.
world(
    "arguments",
    ebuilds={
        "app/a-1": {"EAPI": "8"}, "app/lic-2": {"EAPI": "8", "LICENSE": "TEST"}, "app/lic-1": {"EAPI": "8"}, "app/kw-1": {"EAPI": "8", "KEYWORDS": "~x86"},
        "app/lone-1": {"EAPI": "8", "DEPEND": "app/a"},
    },
    installed={"app/lic-1": {"EAPI": "8"}, "app/kw-1": {"EAPI": "8", "KEYWORDS": "~x86"}, "app/orphan-1": {"EAPI": "8"}, "app/licinst-1": {"EAPI": "8", "LICENSE": "TEST"}},
    files={"var/repositories/test_repo/licenses/TEST": "A licence\n"},
    user_config={"make.conf": ('ACCEPT_LICENSE="-TEST"',)},
    profile={"package.provided": ("app/given-1", "app/given2-1", "app/sysgiven-1"), "packages": ("*app/sysgiven",)},
    world=["app/given", "app/absent", "app/lic", "app/kw", "app/orphan", "app/licinst"],
    cases=[
        (["@world"], {"--update": True, "--deep": True}, BLOCK),
        (["app/given", "app/a"], {}, BLOCK),
        (["app/given", "app/given2", "@system"], {}, BLOCK),
        (["@system"], {}, BLOCK),
        (["app/lone"], {"--buildpkgonly": True}, BLOCK),
        (["app/a"], {"--nodeps": True}, BLOCK),
        (["app/kw"], {"--noreplace": True}, BLOCK),
    ],
)
world(
    "backtracked",
    ebuilds={
        "dev-libs/A-1": {}, "dev-libs/A-2": {}, "dev-libs/B-1": {"RDEPEND": "dev-libs/D"}, "dev-libs/C-1": {},
        "dev-libs/C-2": {"RDEPEND": ">=dev-libs/A-2"}, "dev-libs/D-1": {"RDEPEND": "<dev-libs/A-2"},
    },
    installed={"dev-libs/A-1": {}, "dev-libs/B-1": {"RDEPEND": "dev-libs/D"}, "dev-libs/C-1": {}, "dev-libs/D-1": {"RDEPEND": "<dev-libs/A-2"}},
    world=["dev-libs/B", "dev-libs/C"],
    cases=[(["@world"], {"--backtrack": 6, "--deep": True, "--selective": True, "--update": True}, BLOCK)],
)
