package safetext

// Painter colours text, or does nothing where colour is not wanted. What it is
// given must be safe for a terminal already.
type Painter bool

// Bold returns the text in bold; the others in their colour.
func (p Painter) Bold(s string) string { return p.paint("1", s) }

// Dim returns the text in that style.
func (p Painter) Dim(s string) string { return p.paint("2", s) }

// Red returns the text in that style.
func (p Painter) Red(s string) string { return p.paint("31", s) }

// Green returns the text in that style.
func (p Painter) Green(s string) string { return p.paint("32", s) }

// Yellow returns the text in that style.
func (p Painter) Yellow(s string) string { return p.paint("33", s) }

// Blue returns the text in that style.
func (p Painter) Blue(s string) string { return p.paint("34", s) }

func (p Painter) paint(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
