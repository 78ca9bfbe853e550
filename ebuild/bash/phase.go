package bash

// Netstrings reads words that the library wrote as "5:hello,3:you,".
func Netstrings(text string) ([]string, error) { return netstrings(text) }

// Environ is what every shell needs in its environment, besides what its caller
// wants to give to programs.
func Environ() []string { return []string{"BASH_SOURCE=" + SourceName} }
