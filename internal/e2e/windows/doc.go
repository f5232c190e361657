// Package windows runs the programs for Windows, by Wine, beside those for the
// system at hand.
package windows
