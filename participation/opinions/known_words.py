"""Words that help to tell names of people from other words (names.py)."""

_COMMON = """
je tu il elle on nous vous ils elles le la les un une des du de mon ma mes ton ta tes son sa ses notre nos
votre vos leur leurs ce cet cette ces ça cela ceci qui que quoi quand comment pourquoi où dans avec sans pour
par sur sous entre vers chez et ou mais donc or ni car si oui non pas plus moins très trop tout tous toute
toutes rien faut faudrait y en a au aux merci bonjour ok bus école mairie centre social parc square rue place
avenue boulevard allée quartier ville jardin stade gare marché maison pôle emploi noël pâques ramadan covid
internet facebook whatsapp france europe état république qpv gusp caf ccas pmi mjc hlm pic ftu tfpb anru cua
police poste janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi
mercredi jeudi vendredi samedi dimanche français française arabe anglais turc personne quelqu'un chaque aucun
aucune certains beaucoup aussi encore toujours jamais souvent parfois maintenant ici là après avant depuis
pendant comme même autre autres monsieur madame m. mme
english french arabic monday tuesday wednesday thursday friday saturday sunday january february march april june july
august september october november december christmas
"""
COMMON = frozenset(_COMMON.split())
"""Words that are no name even with a capital."""

_FIRST_NAMES = """
marie jean pierre michel andre philippe rene louis alain jacques bernard marcel daniel roger robert paul
claude christian henri georges nicolas francois christophe patrick laurent frederic julien olivier thierry
stephane david pascal sebastien eric alexandre maxime thomas antoine kevin quentin romain lucas hugo leo
nathan enzo gabriel raphael arthur jules adam mohamed mohammed ahmed ali karim rachid said mehdi youssef omar
ibrahim moussa mamadou abdel hassan hussein mustapha bilal yanis rayan ismael amine nabil jeanne francoise
monique catherine nathalie isabelle jacqueline anne sylvie martine madeleine nicole suzanne helene christine
valerie sandrine stephanie celine julie aurelie emilie laura camille lea manon chloe emma louise alice jade
ines lina sarah fatima khadija aicha samira nadia leila yasmine zohra malika naima fatiha karima hafida
rachida latifa soraya assia fatou aminata mariam awa chantal brigitte annie dominique veronique patricia
corinne sabrina vanessa audrey elodie melanie virginie caroline sophie claire lucie charlotte mathilde pauline
marion clara eva rose anna zoe juliette agathe victor simon bruno gilles gerard guy yves didier serge jerome
fabrice franck cedric mickael anthony jonathan jordan dylan theo mathis tom noah maurice raymond lucien
fernand albert denise simone odette yvette paulette ginette josiane
"""
FIRST_NAMES = frozenset(_FIRST_NAMES.split())
"""Frequent first names in France, without accents: a sentence may begin with one and mean somebody."""

_FUNCTIONS = """
maire maires adjoint adjointe president presidente directeur directrice prefet prefete ministre depute deputee senateur
senatrice elu elue elus gardien gardienne facteur factrice boulanger boulangere principal principale proviseur
inspecteur inspectrice commissaire chef cheffe responsable mediateur mediatrice animateur animatrice concierge
bailleur voisin voisine monde gens dame monsieur tout etait sont pouvez veut peut doit fait dit parle habite
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Words that follow « madame » or « monsieur » and name nobody, without accents."""
