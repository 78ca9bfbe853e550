package index

// Installed is what is recorded about a database of installed packages, in which
// every entry is a folder with a file for each variable.
type Installed struct {
	Keys       []string // the variables that were looked for; a File says which one it is by its place here
	Categories []InstalledCategory
}

// An InstalledCategory is the folder of a category.
type InstalledCategory struct {
	Name    string
	Stamp   Stamp            // of the folder; zero: its names are not to be believed
	Entries []InstalledEntry // a folder each, in the order in which they were listed
}

// An InstalledEntry is the folder of one package.
type InstalledEntry struct {
	Name     string // PF
	Dir      Stamp  // of the folder, which tells that no file came or went; zero: nothing but the name is recorded
	Snapshot bool   // the values were read from one file that has them all
	Files    []File // what was found, in the order of keys
}

// A File is a variable of an entry.
type File struct {
	Key   int    // which variable: a place in Installed.Keys
	Stamp Stamp  // of the file; zero if the value comes from another file of the entry
	Value string // as the reader wants it
}

// after says whether something of the entry was changed later than limit.
func (e *InstalledEntry) after(limit int64) bool {
	for i := range e.Files {
		if e.Files[i].Stamp.after(limit) {
			return true
		}
	}
	return e.Dir.after(limit)
}

// settle forgets what changed later than limit.
func (n *Installed) settle(limit int64) {
	for i := range n.Categories {
		c := &n.Categories[i]
		if c.Stamp.after(limit) {
			c.Stamp = Stamp{}
		}
		for j := range c.Entries {
			if e := &c.Entries[j]; e.after(limit) {
				*e = InstalledEntry{Name: e.Name}
			}
		}
	}
}

// Installed gives what is recorded about a database, or nil.
func (x *Index) Installed() *Installed {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.installed != nil || x.db == nil {
		return x.installed
	}
	data, err := x.db.get(kindInstalled, "")
	if data == "" && err == nil {
		return nil
	}
	var n *Installed
	if err == nil {
		n, err = decodeInstalled(data)
	}
	if err != nil {
		x.damaged(err)
		return nil
	}
	x.installed = n
	return n
}

// PutInstalled records a database as a whole. Of two writers at once the later
// one counts: what it does not know is read from the files again.
func (x *Index) PutInstalled(n *Installed) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.installed = n
	x.dirty.installed = true
}

// sameInstalled says that the file has just what was put. What changes all the
// time, or has a time in the future, must not have the file written each time.
func (x *Index) sameInstalled() bool {
	if x.db == nil {
		return false
	}
	data, err := x.db.get(kindInstalled, "")
	return err == nil && data == string(encodeInstalled(x.installed).b)
}

// The row starts with the number of all entries and files, so that reading it
// costs one allocation for each sort of thing.
func encodeInstalled(n *Installed) *encoder {
	entries, files := 0, 0
	for _, c := range n.Categories {
		entries += len(c.Entries)
		for _, v := range c.Entries {
			files += len(v.Files)
		}
	}
	var e encoder
	e.strs(n.Keys)
	e.len(entries)
	e.len(files)
	e.len(len(n.Categories))
	for _, c := range n.Categories {
		e.str(c.Name)
		e.stamp(c.Stamp)
		e.len(len(c.Entries))
		for i := range c.Entries {
			e.entry(&c.Entries[i])
		}
	}
	return &e
}

func (e *encoder) entry(v *InstalledEntry) {
	e.str(v.Name)
	e.stamp(v.Dir)
	e.flag(v.Snapshot)
	e.len(len(v.Files))
	for _, f := range v.Files {
		e.len(f.Key)
		e.stamp(f.Stamp)
		e.str(f.Value)
	}
}

func decodeInstalled(text string) (*Installed, error) {
	d := decoder{s: text}
	n := &Installed{Keys: d.strs()}
	entries := make([]InstalledEntry, 0, d.len())
	files := make([]File, 0, d.len())
	n.Categories = make([]InstalledCategory, d.len())
	for i := range n.Categories {
		c := &n.Categories[i]
		c.Name, c.Stamp = d.str(), d.stamp()
		from := len(entries)
		for range d.len() {
			var v InstalledEntry
			if v, files = d.entry(files, len(n.Keys)); d.bad {
				return nil, errDamaged
			}
			entries = append(entries, v)
		}
		c.Entries = entries[from:len(entries):len(entries)]
	}
	return n, d.done()
}

// entry reads one entry, whose files are appended to all.
func (d *decoder) entry(all []File, keys int) (InstalledEntry, []File) {
	v := InstalledEntry{Name: d.str(), Dir: d.stamp(), Snapshot: d.flag()}
	from := len(all)
	for range d.len() {
		f := File{Key: int(d.uint()), Stamp: d.stamp(), Value: d.str()}
		if d.bad || f.Key < 0 || f.Key >= keys {
			d.bad = true
			break
		}
		all = append(all, f)
	}
	v.Files = all[from:len(all):len(all)]
	return v, all
}
