package web

import (
	"context"
	"fmt"
	"slices"

	"komhen/model"
	"komhen/queries"
	"komhen/web/account"
)

// centralReminders tells coordinators what was done with central deliveries since the last letters, save what they did themselves, and
// reminds them of a day that comes while their part awaits an answer.
func centralReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	if a.Role != account.Coordinator {
		return nil, nil
	}
	tell := func(number uint64, text string) {
		list = append(list, reminder{Text: text, Link: "Se den centrale levering", Href: fmt.Sprintf("/central/%d", number), Now: true})
	}
	news, err := s.folder.Store.CentralNews(ctx, 0)
	if err != nil {
		return nil, err
	}
	own := []model.CentralWhat{model.CentralApproved, model.CentralTaken, model.CentralGivenBack}
	for _, n := range news {
		if at := model.DateOf(n.At); n.Municipality == a.Municipality && at >= day.before && at < day.today && !slices.Contains(own, n.What) { // whole days, so that each is told once
			tell(n.Delivery, n.Sentence())
		}
	}
	waiting, err := s.centralsWaiting(ctx, a.Municipality)
	for _, c := range waiting {
		if day.reaches(c.On()) && model.DateOf(c.Came) < day.before {
			tell(c.Number, fmt.Sprintf("I har ikke svaret på KL’s levering af %s til %s. Den indlæses %s, medmindre I selv tager over.", c.What, c.Round, day.deadline(c.On())))
		}
	}
	return list, err
}

// centralsWaiting are the deliveries that a municipality has not answered.
func (s *Server) centralsWaiting(ctx context.Context, municipality uint16) ([]queries.Central, error) {
	list, err := s.folder.Store.Centrals(ctx)
	return slices.DeleteFunc(list, func(c queries.Central) bool {
		p := c.Part(municipality)
		return c.Withdrawn || p == nil || p.State != model.PartWaiting
	}), err
}
