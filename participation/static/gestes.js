/* A meeting as it is: what the server knows of it, then each gesture that waits in this device, one after the other. */
(function () {
  "use strict";

  const copy = (value) => JSON.parse(JSON.stringify(value));
  const more = (counts, name, n) => { counts[name] = Math.max((counts[name] || 0) + n, 0); };

  const GESTURES = {
    commence: (state) => { state.commence = true; },
    termine: (state) => { state.termine = true; },
    arrivee: function (state, data, id) {
      state.habitants = Math.max((state.habitants || 0) + Number(data.n), 0);
      more(state.tranches, data.tranche, Number(data.n));
      state.arrivees.push({ id: id, tranche: data.tranche, n: Number(data.n) });
    },
    compte: (state, data) => more(state.comptes, data.champ, Number(data.n)),
    institution: function (state, data) {
      state.institutions = state.institutions.filter((name) => name !== data.nom);
      if (Number(data.n) > 0) { state.institutions.push(data.nom); }
    },
    point_ajoute: (state, data, id) => { state.points.push({ ref: id, id: id, titre: data.titre, note: null }); },
    point: (state, data) => state.points.forEach((item) => { item.courant = item.ref === data.point || item.id === data.point; }),
    note: (state, data) => state.points.filter((item) => item.ref === data.point || item.id === data.point)
      .forEach((item) => { item.note = data.texte; }),
    avis: (state, data, id, kept) => { state.avis.push(Object.assign({ id: id, attend: kept }, data, { proposition: null })); },
    habitant: () => 0, // whoever speaks at the kiosk speaks to the team, not to this screen
    avis_change: (state, data) => found(state.avis, data.avis, (row) => { row.texte = data.texte; }),
    proposition: (state, data, id) => found(state.avis, data.avis, function (row) {
      row.proposition = { id: id, titre: data.titre, mains: null };
    }),
    mains: (state, data) => state.avis.filter((row) => row.proposition && row.proposition.id === data.proposition)
      .forEach((row) => { row.proposition.mains = Math.max((row.proposition.mains || 0) + Number(data.n), 0); }),
    decision: (state, data, id, kept) => { state.decisions.push(Object.assign({ id: id, attend: kept }, data)); },
    photo: (state, data, id, kept) => { state.photos.push({ id: id, description: data.description, attend: kept }); },
    annule: undo,
  };

  function found(rows, id, act) { rows.filter((row) => row.id === id).forEach(act); }

  function undo(state, data) {
    ["avis", "decisions", "photos"].forEach((list) => { state[list] = state[list].filter((row) => row.id !== data.evenement); });
    found(state.arrivees, data.evenement, function (row) {
      state.habitants = Math.max((state.habitants || 0) - row.n, 0);
      more(state.tranches, row.tranche, -row.n);
    });
    state.arrivees = state.arrivees.filter((row) => row.id !== data.evenement);
  }

  /* `known`: the server's state (live/queries.py); `pending`: events in their order. Neither is changed. Those that the
     server counted already, because its answer was lost and they wait here still, count once. */
  window.gestes = function (known, pending) {
    const state = copy(known);
    const waits = (event) => !event.refus && !(event.numero <= (known.recus_de[event.appareil] || 0));
    const kept = (event) => event.numero > 0; // it is numbered as it is written
    pending.filter(waits).forEach((event) => GESTURES[event.genre](state, event.donnees, event.id, kept(event)));
    return state;
  };
}());
