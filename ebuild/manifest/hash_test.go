package manifest_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild/manifest"
)

// The digests of "abc", as published with each algorithm.
func TestHashes(t *testing.T) {
	for name, want := range map[string]string{
		"MD5":       "900150983cd24fb0d6963f7d28e17f72",
		"SHA1":      "a9993e364706816aba3e25717850c26c9cd0d89d",
		"SHA256":    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"SHA512":    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"SHA3_256":  "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
		"SHA3_512":  "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
		"RMD160":    "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
		"BLAKE2B":   "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
		"BLAKE2S":   "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
		"WHIRLPOOL": "4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c7181eebdb6c57e277d0e34957114cbd6c797fc9d95d8b582d225292076d4eef5",
	} {
		h := manifest.NewHash(name)
		h.Write([]byte("a"))
		h.Write([]byte("bc"))
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%s(abc) = %s, want %s", name, got, want)
		}
	}
	if manifest.Known("size") || manifest.Known("sha512") || manifest.Known("STREEBOG512") {
		t.Error("Known takes what is no hash here")
	}
}

// Whirlpool over its padding's edges, from its reference test vectors.
func TestWhirlpoolLengths(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "19fa61d75522a466"}, {strings.Repeat("1234567890", 8), "466ef18babb0154d"},
		{strings.Repeat("a", 1e6), "0c99005beb57eff5"},
	} {
		h := manifest.NewHash("WHIRLPOOL")
		h.Write([]byte(c.text))
		if got := hex.EncodeToString(h.Sum(nil)); got[:16] != c.want {
			t.Errorf("WHIRLPOOL of %d bytes = %s, want %s...", len(c.text), got, c.want)
		}
	}
}

// A stream is hashed alike in whatever pieces it comes.
func TestDigesterPieces(t *testing.T) {
	names := []string{"SHA512", "BLAKE2B", "MD5"}
	for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 3<<20 + 17} {
		data := bytes.Repeat([]byte("tumpline"), size/8+1)[:size]
		var want string
		for _, piece := range []int{1 << 22, 100_003, 4096} {
			d, err := manifest.NewDigester(names)
			if err != nil {
				t.Fatal(err)
			}
			for rest := data; len(rest) > 0; {
				k := min(piece, len(rest))
				d.Write(rest[:k])
				rest = rest[k:]
			}
			got := ""
			for _, h := range d.Sum() {
				got += h.Name + " " + h.Hex + "\n"
			}
			if want == "" {
				want = got
				for _, name := range names {
					h := manifest.NewHash(name)
					h.Write(data)
					if !strings.Contains(got, name+" "+hex.EncodeToString(h.Sum(nil))) {
						t.Errorf("%d bytes: %s is not in %s", size, name, got)
					}
				}
			}
			if got != want || d.Size() != int64(size) {
				t.Errorf("%d bytes in pieces of %d: %s (%d bytes), want %s", size, piece, got, d.Size(), want)
			}
		}
	}
	if _, err := manifest.NewDigester([]string{"NOPE"}); err == nil {
		t.Error("NewDigester takes an unknown hash")
	}
}

func TestFilter(t *testing.T) {
	all := []manifest.Hash{{Name: "WHIRLPOOL"}, {Name: "SHA512"}, {Name: "SHA256"}, {Name: "BLAKE2B"}, {Name: "NOPE"}}
	for _, c := range []struct{ filter, want string }{
		{"", "BLAKE2B SHA256 SHA512"},
		{"-sha512 *", "BLAKE2B SHA256 SHA512"},
		{"-* sha512", "SHA512"},
		{"* -sha512", "BLAKE2B SHA256"},
		{"-*", "SHA512"},
		{"sha256", "SHA256"},
	} {
		var got []string
		for _, h := range manifest.ParseFilter(c.filter).Apply(all) {
			got = append(got, h.Name)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("filter %q takes %q, want %q", c.filter, s, c.want)
		}
	}
	only := manifest.ParseFilter("-*").Apply([]manifest.Hash{{Name: "WHIRLPOOL"}})
	if len(only) != 1 {
		t.Errorf("the only hash was left out: %v", only)
	}
}

func BenchmarkDigests(b *testing.B) {
	data := bytes.Repeat([]byte{7}, 64<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := manifest.Digests(bytes.NewReader(data), manifest.DefaultHashes()); err != nil {
			b.Fatal(err)
		}
	}
}
