package demo

import (
	"bytes"
	"fmt"

	"komhen/model"
)

// Operations is an invented driftsstatus of twelve months, as a file that is imported like any other.
func Operations() []byte {
	var b bytes.Buffer
	last := model.NewMonth(2012, 10)
	b.WriteString("System;Driftsområde;Måling;SLA-mål")
	for m := last - 11; m <= last; m++ {
		b.WriteString(";" + m.Short())
	}
	b.WriteByte('\n')
	dips := map[string]map[int]string{
		"Datatorvet;m1": {3: "99,41 %", 9: "99,80 %"}, "Datatorvet;m2": {3: "99,10 %"},
		"Adresseopslag;applikation": {11: "98,90 %"}, "Adresseopslag;infrastruktur": {1: "99,70 %", 5: "99,95 %"}, "Postfordeler;infrastruktur": {1: "99,60 %"},
	}
	for _, row := range []struct{ system, area, measure, target string }{
		{"Fællestorvet", "Datatorvet", "m1", "99,80 %"}, {"Fællestorvet", "Datatorvet", "m2", "98,50 %"},
		{"Støtteværktøjer", "Adresseopslag", "applikation", "99,90 %"}, {"Støtteværktøjer", "Adresseopslag", "infrastruktur", "99,90 %"},
		{"Støtteværktøjer", "Postfordeler", "applikation", "99,90 %"}, {"Støtteværktøjer", "Postfordeler", "infrastruktur", "99,90 %"},
	} {
		fmt.Fprintf(&b, "%s;%s;%s;%s", row.system, row.area, row.measure, row.target)
		for i := range 12 {
			value, dip := dips[row.area+";"+row.measure][i]
			if !dip {
				value = "100,00 %"
			}
			b.WriteString(";" + value)
		}
		b.WriteByte('\n')
	}
	b.WriteString("Fællestorvet;Antal servicekald;servicekald;n.a.")
	for i := range 12 {
		b.WriteString(";" + model.FormatInt(int64(4_000_000+(i*7%12)*250_000)))
	}
	b.WriteString(`

System;Måned;Tilfredsstillende;Servicevinduer;Bemærkning
Fællestorvet;okt-12;Ja;2;Antallet af kald er som ventet.
Støtteværktøjer;okt-12;Nej;1;Én væsentlig hændelse, se nedenfor.

Driftsområde;Måling;Hændelse;Fra;Til;Farve;Virkning;Årsag;Afhjælpning;Permanent løsning;Løsningsdato;Midlertidig foranstaltning;Opstramning
Adresseopslag;applikation;Opslag svarede ikke;17-10-2012 22:15;18-10-2012 06:26;rød;Adresser kunne ikke slås op.;En mellemlagring løb fuld.;Serveren blev startet igen.;Mellemlagringen rydder op efter sig selv.;24-11-2012;Serveren bliver startet igen hver nat.;Vagten bliver kaldt efter fem minutter i stedet for tredive.
Postfordeler;applikation;Langsom fordeling;05-09-2012 08:00;05-09-2012 11:30;gul;Beskeder kom op til en time for sent.;En kø voksede.;Køen blev delt i to.;;;;
`)
	return b.Bytes()
}

// Readiness is an invented klarmelding of three suppliers' systems.
func Readiness() []byte {
	var b bytes.Buffer
	b.WriteString("Leverandør;System;Pilotkommune;Version;Snitflade;Integration;Selvangivelse;Klarmeldt;Bemærkninger;Nr.;Kriterium;Opfyldt\n")
	criteria := map[string][]string{
		"SF9001": {"Kan modtage beskeder om ændrede adresser.", "Kan bruge beskederne, som den gamle fil bliver brugt i dag.", "Kvitterer for hver besked."},
		"SF9002": {"Kan sende beskeder til fordeleren.", "Sender aldrig den samme besked to gange."}, "SF9003_A": {"Kan slå en organisation op."},
	}
	names := map[string]string{"SF9001": "Ændrede adresser", "SF9002": "Send besked", "SF9003_A": "Opslag i organisation"}
	for _, s := range []struct {
		head    string
		answers map[string]string // a letter a criterion: j, n, or - for none; x for not relevant
	}{
		{"Nordlys Omsorg A/S;Nordlys Journal;Køge;2.1", map[string]string{"SF9001": "jjj", "SF9002": "jj", "SF9003_A": "j"}},
		{"Havblik Data ApS;Havblik Sag;Odense;5.0", map[string]string{"SF9001": "jjn", "SF9002": "j-", "SF9003_A": "x"}},
		{"Birk & Bøg I/S;Birk Løn;Vallensbæk;1.3", map[string]string{"SF9001": "x", "SF9002": "nn", "SF9003_A": "j"}},
	} {
		for _, number := range []string{"SF9001", "SF9002", "SF9003_A"} {
			answers := s.answers[number]
			if answers == "x" {
				fmt.Fprintf(&b, "%s;%s;%s;Ikke relevant;Nej;;;;\n", s.head, number, names[number])
				continue
			}
			for i, text := range criteria[number] {
				met := map[byte]string{'j': "Ja", 'n': "Nej"}[answers[i]]
				fmt.Fprintf(&b, "%s;%s;%s;Klar til prøve;;;%d;%s;%s\n", s.head, number, names[number], i+1, text, met)
			}
		}
	}
	return b.Bytes()
}
