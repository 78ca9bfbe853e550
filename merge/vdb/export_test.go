package vdb

// Recalled returns the names of the entries whose values came from the index.
func (db *DB) Recalled() []string {
	db.Read()
	var list []string
	for i := range db.entries {
		if e := &db.entries[i]; e.recalled {
			list = append(list, e.category.name+"/"+e.recorded.Name)
		}
	}
	return list
}
