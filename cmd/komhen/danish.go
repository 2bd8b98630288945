package main

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// The command-line parser speaks English only; what it says is given in Danish here.

var parserSentences = []struct {
	english *regexp.Regexp
	danish  string
}{
	{regexp.MustCompile(`^unknown flag (\S+?)(?:, did you mean .*)?$`), "Flaget $1 findes ikke."},
	{regexp.MustCompile(`^unexpected argument (.+?)(?:, did you mean .*)?$`), "»$1« kendes ikke her."},
	{regexp.MustCompile(`^expected one of (.*[^ .,])[ .,]*$`), "Skriv, hvad der skal ske: $1 …"},
	{regexp.MustCompile(`^expected "?(<.*>[ .]*)"?$`), "Der mangler noget: $1"},
	{regexp.MustCompile(`^expected "(.*)"$`), "Der mangler noget: $1"},
	{regexp.MustCompile(`^missing flags: (.*)$`), "Det her skal med: $1."},
	{regexp.MustCompile(`^(\S+) must be one of (.*) but got "(.*)"$`), "$1 kan være $2, men ikke »$3«."},
	{regexp.MustCompile(`^(\S+): expected an? (?:valid \d+ bit )?u?int but got "([^"]*)".*$`), "$1 skal være et helt tal, ikke »$2«."},
	{regexp.MustCompile(`^(\S+): expected \S+ value but got .*$`), "Der mangler noget efter $1."},
	{regexp.MustCompile(`^(\S+): bool value must be .* but got "?([^"]*)"?$`), "$1 er et flag uden værdi; fjern »$2«."},
}

var didYouMean = regexp.MustCompile(`, did you mean (?:one of )?(.*)\?$`)

// inDanish says what the parser found wrong with a command line.
func inDanish(err error) string {
	text := err.Error()
	sentence := "Kommandoen kan ikke forstås: " + text
	for _, s := range parserSentences {
		if s.english.MatchString(text) {
			sentence = s.english.ReplaceAllString(text, s.danish)
			break
		}
	}
	if m := didYouMean.FindStringSubmatch(text); m != nil {
		sentence += " Mener du " + strings.ReplaceAll(strings.ReplaceAll(m[1], `", "`, " eller "), `"`, "") + "?"
	}
	return strings.ReplaceAll(sentence, ",\"", ", \"") + "\nSe " + commandOf(err) + " --help."
}

// commandOf is the command that a command line got as far as.
func commandOf(err error) string {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil {
		return "komhen"
	}
	words := ""
	for node := parse.Context.Selected(); node != nil && node.Type == kong.CommandNode; node = node.Parent {
		words = " " + node.Name + words
	}
	return "komhen" + words
}

var helpWords = strings.NewReplacer(
	"Usage: ", "Sådan: ",
	"\nFlags:\n", "\nFlag:\n",
	"\nCommands:\n", "\nKommandoer:\n",
	"\nArguments:\n", "\nArgumenter:\n",
	"Show context-sensitive help.", "Vis hjælp.",
	"<command>", "<kommando>",
	"[flags]", "[flag]",
	`Run "komhen <command> --help" for more information on a command.`, `Skriv komhen <kommando> --help for at læse om én kommando.`,
)

// printHelp is the parser's own help with the words around our texts in Danish.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	var page bytes.Buffer
	out := ctx.Stdout
	ctx.Stdout = &page
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, helpWords.Replace(page.String()))
	return err
}
