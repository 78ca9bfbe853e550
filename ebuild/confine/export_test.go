package confine

// Without leaves parts of a policy out, so that a test sees what the others hold.
func Without(p Policy, parts ...Part) Policy {
	p.without = parts
	return p
}
