package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
)

type deliveryView struct {
	centralLine
	Form     *formData
	Overlaps string // where double registrations of the own part are proposed
	Parts    []partLine
	Steps    []stepLine
}

// stepLine is one thing that was done with a delivery.
type stepLine struct {
	At              time.Time
	What, Where, By string
	Upload          uint32
}

var stepWords = map[model.CentralWhat]string{model.CentralDelivered: "gjort klar til kommunerne, med indlæsning %s", model.CentralPostponed: "indlæsningen flyttet til %s",
	model.CentralWithdrawn: "trukket tilbage", model.CentralApproved: "godkendt og indlæst", model.CentralLoaded: "indlæst, fordi dagen kom", model.CentralTaken: "overtaget af kommunen",
	model.CentralGivenBack: "givet tilbage til KL"}

// deliveryPage shows a delivery: KL every part of it, a coordinator the own one with what can be done about it.
func (s *Server) deliveryPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showDelivery(w, r, v, http.StatusOK, nil)
}

func (s *Server) showDelivery(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	c, err := s.delivery(r, v)
	if err != nil {
		return err
	}
	view := deliveryView{centralLine: s.centralLine(c, v), Form: f}
	if view.Part != nil {
		view.Overlaps = overlapHref(v.Municipality, c.Round)
	}
	for _, p := range c.Parts {
		if v.Operator() {
			view.Parts = append(view.Parts, s.partLine(c, p))
		}
	}
	steps, err := s.folder.Store.CentralSteps(r.Context(), 0)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if step.Delivery != c.Number || !v.Operator() && step.Municipality != 0 && step.Municipality != v.Municipality {
			continue
		}
		line := stepLine{At: step.At, What: stepWords[step.What], By: s.personOf(step.By), Upload: step.Upload, Where: "KL"}
		if strings.Contains(line.What, "%s") {
			line.What = fmt.Sprintf(line.What, step.Day)
		}
		if step.Municipality != 0 {
			line.Where = s.nameOf(step.Municipality)
		}
		view.Steps = append(view.Steps, line)
	}
	return s.pageWith(w, r, v, status, "delivery", view)
}

// partOwner is the municipality whose part a request is about: the viewer's own, or the one that KL names.
func (s *Server) partOwner(r *http.Request, v Viewer) (uint16, error) {
	code := v.Municipality
	if text := strings.TrimSpace(r.FormValue("municipality")); text != "" {
		code = s.book.MunicipalityCode(text)
	}
	if !v.Mends(code) || code == 0 {
		return 0, errForbidden
	}
	return code, nil
}

// downloadPart gives a municipality its rows of a delivery as a file that can be sent back.
func (s *Server) downloadPart(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := s.partOwner(r, v)
	if err != nil {
		return err
	}
	c, err := s.delivery(r, v)
	if err != nil {
		return err
	}
	name := strings.ReplaceAll(strings.ToLower(c.What), " ", "-")
	return s.sendPart(w, r, v, c.Number, code, "download.part", fmt.Sprintf("%s-%s-%s.csv", name, codeOf(s.book.Municipality(code)), c.Round))
}

// sendPart sends a municipality's rows of a delivery.
func (s *Server) sendPart(w http.ResponseWriter, r *http.Request, v Viewer, delivery uint64, municipality uint16, action, name string) error {
	return s.download(w, r, v, action, s.book.Municipality(municipality), name, func(w io.Writer) error {
		return s.folder.WritePart(r.Context(), delivery, municipality, w)
	})
}

// approvePart loads the municipality's part at once.
func (s *Server) approvePart(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decidePart(w, r, v, "central.approve", func(ctx context.Context, delivery uint64, municipality uint16, by ingest.Decision) (string, error) {
		u, err := s.folder.ApprovePart(ctx, delivery, municipality, by)
		if err != nil {
			return "", err
		}
		s.nowLoaded(v, addressOf(r), u)
		return fmt.Sprintf("Godkendt og indlæst som indmelding %d: %s tæller med.", u.Receipt.Upload, countOf(u.Receipt.Contacts, "henvendelse", "henvendelser")), nil
	})
}

// takePart has the municipality do it itself.
func (s *Server) takePart(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decidePart(w, r, v, "central.take", func(ctx context.Context, delivery uint64, municipality uint16, by ingest.Decision) (string, error) {
		return "I har taget over. KL indlæser ikke jeres del. Hent den her på siden, tilføj enheder, fjern det, I selv har registreret, og send filen under Indmeldinger.",
			s.folder.TakePart(ctx, delivery, municipality, by)
	})
}

// givePartBack lets the part be loaded centrally after all.
func (s *Server) givePartBack(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decidePart(w, r, v, "central.give-back", func(ctx context.Context, delivery uint64, municipality uint16, by ingest.Decision) (string, error) {
		return "Jeres del er givet tilbage. Den indlæses på dagen, eller når I godkender den. Har I selv sendt den, så fortryd det under Indmeldinger.",
			s.folder.GivePartBack(ctx, delivery, municipality, by)
	})
}

// decidePart carries a municipality's answer out, tells the log, and goes back to the delivery.
func (s *Server) decidePart(w http.ResponseWriter, r *http.Request, v Viewer, action string,
	act func(ctx context.Context, delivery uint64, municipality uint16, by ingest.Decision) (said string, err error)) error {
	code, err := s.partOwner(r, v)
	if err != nil {
		return err
	}
	return s.decideDelivery(w, r, v, action, code, func(ctx context.Context, delivery uint64, by ingest.Decision) (string, error) {
		return act(ctx, delivery, code, by)
	})
}

// decideDelivery carries a decision about a delivery out, whoever takes it. The service waits for it when it closes.
func (s *Server) decideDelivery(w http.ResponseWriter, r *http.Request, v Viewer, action string, municipality uint16,
	act func(ctx context.Context, delivery uint64, by ingest.Decision) (said string, err error)) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	c, err := s.delivery(r, v)
	if err != nil {
		return err
	}
	said, err := act(context.WithoutCancel(r.Context()), c.Number, ingest.Decision{At: s.now(), By: v.ID()}) // who closes the page has still said yes
	if err != nil {
		return err
	}
	s.record(v, addressOf(r), action, municipality, fmt.Sprint(c.Number))
	s.changed()
	s.flash(r, said)
	http.Redirect(w, r, fmt.Sprintf("/central/%d", c.Number), http.StatusSeeOther)
	return nil
}

// postponeDelivery moves the day to a later one.
func (s *Server) postponeDelivery(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "day")
	if err != nil {
		return err
	}
	day := s.dayIn(f, "day", 0)
	if day.IsZero() && len(f.Errors) == 0 {
		f.wrong("day", "Skriv den nye dag.")
	}
	if len(f.Errors) > 0 {
		return s.showDelivery(w, r, v, http.StatusUnprocessableEntity, f)
	}
	return s.decideDelivery(w, r, v, "central.postpone", 0, func(ctx context.Context, delivery uint64, by ingest.Decision) (string, error) {
		return "Indlæsningen er flyttet til " + model.DateOf(day).String() + ".", s.folder.Postpone(ctx, delivery, model.DateOf(day), by)
	})
}

// withdrawDelivery takes a delivery back, save what is loaded.
func (s *Server) withdrawDelivery(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decideDelivery(w, r, v, "central.withdraw", 0, func(ctx context.Context, delivery uint64, by ingest.Decision) (string, error) {
		return "Leveringen er trukket tilbage. Det, der var indlæst, står og tæller stadig; det kan fortrydes under Indmeldinger.", s.folder.WithdrawDelivery(ctx, delivery, by)
	})
}
