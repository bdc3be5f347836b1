"""Fictitious words for demonstrations and measures: nobody said them, no place in them exists under that name."""

OPINIONS = (
    "Le soir, l'allée derrière l'école est trop sombre. Je fais le tour pour rentrer.",
    "Les poubelles débordent le lundi. Il en faudrait une de plus près du city-stade.",
    "On ne nous dit jamais ce que deviennent nos idées.",
    "Le bus passe trop tôt. Ceux qui travaillent de nuit ne peuvent pas le prendre.",
    "J'aimerais un banc à mi-chemin du marché, pour souffler un peu.",
    "Les jeunes n'ont rien le mercredi après-midi quand il pleut.",
    "Le jardin partagé a changé l'ambiance de la résidence. Merci.",
    "Il y a trop de voitures devant l'école à 8 h 20, c'est dangereux pour les petits.",
    "Je ne comprends pas les courriers de la mairie. Quelqu'un pourrait les expliquer ?",
    "L'ascenseur est encore en panne, ma voisine ne sort plus.",
    "On voudrait une salle pour se retrouver, même deux soirs par mois.",
    "La fête de juin était très bien, il faut la refaire.",
    "Les trottoirs sont abîmés, la poussette ne passe pas.",
    "Je cherche une formation mais je ne sais pas à qui demander.",
    "Le city-stade est pris par les grands, les filles n'y vont pas.",
    "Il manque un passage piéton entre la boulangerie et l'arrêt de bus.",
    "Les logements sont froids, on chauffe la rue.",
    "Je veux bien donner un coup de main pour le compost.",
    "On ne voit plus d'animateurs le soir, on se sent seuls.",
    "Il faudrait un médecin dans le quartier.",
    "Les réunions sont à 18 h, avec des enfants c'est impossible.",
    "Les arbres plantés l'an dernier sont morts, personne ne les arrose.",
    "Ma fille voudrait une aide aux devoirs après 17 h.",
    "Le parking derrière la tour sert de garage sauvage.",
    "Les gens se parlent plus depuis le café du jeudi.",
    "Je propose qu'on peigne le mur avec les enfants de l'école.",
    "On a besoin d'une borne pour recharger les vélos.",
    "Le square ferme trop tôt en été.",
    "Il y a des rats près des conteneurs.",
    "Les personnes âgées ont peur de traverser le rond-point.",
    "Un marché le samedi, même petit, ferait vivre la place.",
    "Je n'ai pas internet, toutes les démarches sont devenues compliquées.",
)
FOREIGN_OPINIONS = (
    ("en", "The playground is lovely but there is no shade in summer."),
    ("en", "I work at night. Please hold one meeting on a Sunday morning."),
    ("en", "I would like French lessons close to home, with someone to watch the children."),
    ("en", "Nobody told us why the small gate was closed. We walk ten minutes more."),
    ("ar", "نريد إنارة أفضل في الطريق بين المدرسة والعمارة."),
    ("ar", "أحب الحديقة المشتركة وأريد أن أساعد يوم السبت."),
    ("ar", "المصعد معطل منذ أسبوعين وأمي لا تستطيع النزول."),
    ("ar", "من فضلكم، رسائل البلدية صعبة، نحتاج إلى من يشرحها لنا."),
)
LONG_OPINION = (
    "Je vais vous raconter comment ça se passe depuis que la ligne a changé. Avant, je prenais le bus au pied de la "
    "tour à 6 h 40 et j'étais au travail à l'heure. Maintenant il faut marcher jusqu'au boulevard, et le matin le "
    "trottoir n'est pas éclairé. Ma voisine a renoncé à son contrat à cause de ça. On a fait une pétition, on l'a "
    "donnée à la mairie, on a eu un accusé de réception et puis plus rien. Ce n'est pas que de la colère : on connaît "
    "le terrain, on pourrait proposer un autre arrêt, près de la pharmacie, où il y a de la lumière et un abri. "
    "Les chauffeurs sont d'accord, ils nous l'ont dit. Il suffirait qu'une personne vienne une fois, à cette "
    "heure-là, et marche avec nous. On l'invite. On fera le café. "
) * 3
PROPOSALS = (
    (
        "Éclairer l'allée entre l'école et les immeubles",
        "Poser des lampes basses, allumées de la nuit tombée à 23 h, sur toute la longueur de l'allée.",
    ),
    (
        "Ouvrir la salle deux soirs par mois",
        "Donner les clés à un groupe d'habitants formés, avec un cahier et une caution symbolique.",
    ),
    (
        "Un créneau pour les filles au city-stade",
        "Le mercredi de 14 h à 16 h, avec une éducatrice, pendant une année scolaire.",
    ),
    ("Des bancs sur le chemin du marché", "Trois bancs avec dossier, à l'ombre, tous les deux cents mètres."),
    (
        "Une permanence pour expliquer les courriers",
        "Une demi-journée par semaine, sans rendez-vous, au centre social.",
    ),
    (
        "Ralentir les voitures devant l'école",
        "Un plateau et un passage piéton surélevé ; fermer la rue dix minutes à l'entrée et à la sortie.",
    ),
    ("Un second compost au jardin partagé", "Avec un référent par cage d'escalier et une formation d'une matinée."),
    ("Repeindre le mur avec les enfants", "Une fresque dessinée en atelier, peinte pendant les vacances de printemps."),
    ("Avancer l'heure du premier bus", "Demander un départ à 5 h 20 en semaine, à l'essai pendant six mois."),
    ("De l'aide aux devoirs après 17 h", "Deux soirs par semaine, avec des lycéens volontaires accompagnés."),
    ("Réparer les trottoirs du square", "Reprendre les dalles cassées, abaisser les bordures aux trois traversées."),
    ("Un petit marché le samedi", "Six étals, producteurs de moins de vingt kilomètres, à l'essai de mai à septembre."),
    ("Prêter des outils entre voisins", "Une armoire partagée dans le hall du centre, tenue par deux bénévoles."),
    ("Arroser les jeunes arbres", "Un tour d'arrosage avec la régie de quartier, de juin à septembre."),
    ("Une boîte à livres à l'arrêt de bus", "Fabriquée à l'atelier bois, remplie par la médiathèque."),
    ("Ouvrir le square plus tard l'été", "Jusqu'à 22 h de juin à août, avec passage de la médiation."),
)
BEHIND_PROPOSALS = (
    "Le soir, l'allée derrière l'école est trop sombre. Je fais le tour pour rentrer.",
    "On voudrait une salle pour se retrouver, même deux soirs par mois.",
    "Le city-stade est pris par les grands, les filles n'y vont pas.",
    "J'aimerais un banc à mi-chemin du marché, pour souffler un peu.",
    "Je ne comprends pas les courriers de la mairie. Quelqu'un pourrait les expliquer ?",
    "Il y a trop de voitures devant l'école à 8 h 20, c'est dangereux pour les petits.",
    "Je veux bien donner un coup de main pour le compost.",
    "Je propose qu'on peigne le mur avec les enfants de l'école.",
    "Le bus passe trop tard. Ceux qui commencent à 6 h ne peuvent pas le prendre.",
    "Ma fille voudrait une aide aux devoirs après 17 h.",
    "Les trottoirs sont abîmés, la poussette ne passe pas.",
    "Un marché le samedi, même petit, ferait vivre la place.",
    "J'ai une perceuse qui sert deux fois par an. Je la prêterais bien.",
    "Les arbres plantés l'an dernier sont morts, personne ne les arrose.",
    "On attend le bus dix minutes. Avec des livres, ce serait plus court.",
    "Le square ferme trop tôt en été.",
)
"""What residents said before each of PROPOSALS, in the same order."""
REASONS = {
    "retenue": (
        "Le besoin est partagé et le coût est prévu. Les travaux sont inscrits au programme de l'année.",
        "La proposition répond à trois avis du même quartier. Un chargé de mission la suit.",
    ),
    "retenue_en_partie": ("Une première partie se fait cette année. La suite attend le prochain budget.",),
    "non_retenue": (
        "Le budget de l'année est déjà engagé. Nous cherchons une autre solution avec vous.",
        "Un autre service en a la charge, et il a refusé l'essai. Nous lui avons transmis vos arguments.",
    ),
    "ajournee": ("Il manque un devis. La proposition revient à la prochaine séance.",),
    "abandonnee": ("Les travaux de la rue durent deux ans. Le groupe d'habitants est prévenu.",),
}
SHORT_ANSWERS = {
    "retenue": "Oui, c'est prévu.",
    "retenue_en_partie": "Oui, pour une partie.",
    "non_retenue": "Non, pas cette fois.",
}
ANSWER = "Merci. L'équipe en parle à la prochaine rencontre du quartier."
"""An answer to an opinion, whatever it says."""
NOTES = ("Le devis est signé.", "Les travaux ont commencé.", "Un premier essai a eu lieu avec les habitants.")
OWNERS = (
    "Chef de projet de quartier",
    "Service espaces publics",
    "Adjointe de quartier",
    "Animateur GUSP",
    "Bailleur, agence locale",
)
ACTIONS = (
    ("Aller voir sur place avec les habitants", "La visite a eu lieu. Les habitants ont montré les endroits."),
    ("Chiffrer le projet", "Le devis est signé."),
    ("Faire un essai pendant un mois", "L'essai est fini. Il a bien marché."),
    ("Réunir les voisins et le service concerné", "La réunion a eu lieu. Le calendrier est fixé."),
)
"""What is done of a proposal, whichever it is, and what is told of it."""
WITH_RESIDENTS = (
    "Ils choisissent les lieux pendant une balade.",
    "Deux habitants suivent le projet jusqu'au bout.",
    "Ils essaient, puis disent ce qui va et ce qui ne va pas.",
)
EVALUATIONS = {
    "oui": ("C'est ce qu'on demandait, merci.", "On s'en sert tous les jours."),
    "un_peu": ("C'est bien, mais il en faudrait plus.", "C'est venu un peu tard."),
    "non": ("Ce n'est pas ce que nous avions demandé.",),
}
REPORTS = (
    "L'idée plaît. Le conseil demande un chiffrage avant l'été.",
    "On nous a écoutés. Le sujet revient à la prochaine séance.",
    "Le conseil soutient la proposition et la passe aux élus.",
)
RELAYED = (
    ("Un marché le dimanche matin", "La mairie y pense. Elle veut savoir ce qu'en disent les quartiers."),
    ("La rénovation de la salle des fêtes", "Les travaux dureraient six mois. Où se réunir pendant ce temps ?"),
    ("Une ligne de bus le soir", "Le projet est à l'étude. On cherche les bons horaires."),
)
REPLIES = (
    "D'accord, si les riverains sont prévenus.",
    "Oui, et nous proposons de visiter le lieu ensemble.",
    "Nous préférons attendre les chiffres.",
)
DECISIONS = (
    "Inviter le bailleur à la prochaine rencontre",
    "Faire le tour du quartier à pied un samedi matin",
    "Demander le plan des lampadaires au service technique",
    "Coller les affiches dans les halls",
    "Préparer la fête des voisins avec le centre social",
)
PLACES = (
    "Centre social, grande salle",
    "Au pied de la tour A",
    "Place du marché",
    "École, préau",
    "Salle municipale, rez-de-chaussée",
    "Jardin partagé",
)
MINUTES = """## Ce qui a été dit

- L'éclairage revient dans presque tous les échanges.
- Les parents demandent une solution pour la sortie de l'école.
- Plusieurs personnes venaient pour la **première fois**.

## Ce qui a été décidé

Le groupe se retrouve le mois prochain. Les propositions sont transmises.
"""
