"""The words that meeting notes are written in: names of sections, labels and columns, in the languages we know.

One table a kind. A name is compared folded (case, accents), without emoji, numbers, emphasis and punctuation around it,
and without words that change nothing ("the", "key", "meeting"): so `## 🔑 Key Decisions (3)` is `decisions`.
"""

from __future__ import annotations

from functools import cache, cached_property

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold

ATTENDEES, ACTIONS, DONE, DECISIONS, FACTS, NONE = "attendees", "actions", "done", "decisions", "facts", "none"
DATE, ACCOUNT, PROJECT, PERSON, OWNER, DUE, TASK, STATUS, TITLE = (
    "date", "account", "project", "person", "owner", "due", "task", "status", "title",
)  # fmt: skip
Kinds = tuple[str, ...]

# Names of sections: a heading, a bold line, a callout's title, a label that stands alone.
SECTIONS: dict[str, str] = {
    ATTENDEES: """
        attendees|attendee|attendance|participants|participant|present|in attendance|attending|attended|who attended|
        who was there|people present|people|invitees|meeting members|members present|joined by|on the call|in the room|
        speakers|roll call|team members present|attendees and roles|participants and roles|
        §|teilnehmer|teilnehmende|teilnehmerinnen|teilnehmer:innen|teilnehmer*innen|teilnehmerinnen und teilnehmer|
        teilnehmerliste|anwesend|anwesende|anwesenheit|beteiligte|dabei|
        participants presents|presents|presentes|personnes presentes|participant.e.s|participantes|participant(e)s|
        asistentes|asistencia|participantes presentes|presentes|convocados|convocados y asistentes|
        participantes da reuniao|partecipanti|presenti|aanwezig|aanwezigen|deelnemers|
        deltagare|deltakere|deltagere|narvarande|tilstede|til stede|osallistujat|lasnaolijat|
        uczestnicy|obecni|ucastnici|pritomni|zucastneni|resztvevok|jelenlevok|participanti|prezenti|
        участники|присутствовали|присутствующие|присутні|учасники|katilimcilar|katılanlar|
        参加者|出席者|出席|参加メンバー|メンバー|参会人员|参会人|与会人员|与会者|參與者|出席人員|出席人员|참석자|참가자|
        משתתפים|נוכחים|الحضور|المشاركون|peserta|nguoi tham du
    """,
    ACTIONS: """
        action items|action item|actions|action|action points|action point|action list|action plan|action register|
        actions required|next actions|next steps|next step|follow ups|follow-ups|followups|follow up|follow-up|
        follow up items|follow-up items|follow up tasks|follow up actions|tasks|task|task list|to do|to-do|todo|todos|
        to dos|to-dos|to do list|to-do list|todo list|to do items|to-do items|todo items|ai|ais|deliverables|
        assignments|commitments|who does what|who does what by when|who does what when|who is doing what|what happens next|things to do|work items|
        homework|action tracker|owners and actions|responsibilities|
        §|aufgaben|aufgabe|aufgabenliste|aktionen|aktionspunkte|massnahmen|maßnahmen|nachste schritte|weitere schritte|
        weiteres vorgehen|offene aufgaben|arbeitsauftrage|auftrage|to dos|todos|offene punkte und aufgaben|wer macht was|wer macht was bis wann|
        actions a mener|actions a realiser|actions a faire|plan d'action|plan d'actions|taches|prochaines etapes|
        prochaines actions|a faire|suites a donner|suivi des actions|qui fait quoi|points d'action|releve d'actions|
        acciones|acciones a tomar|tareas|tareas pendientes|proximos pasos|siguientes pasos|pendientes|compromisos|
        plan de accion|acciones acordadas|puntos de accion|acuerdos y compromisos|quien hace que|por hacer|
        acoes|tarefas|proximos passos|pendencias|plano de acao|encaminhamentos|itens de acao|
        azioni|attivita|prossimi passi|compiti|cose da fare|da fare|azioni da intraprendere|chi fa cosa|
        acties|actiepunten|actielijst|taken|vervolgstappen|volgende stappen|wie doet wat|afspraken en acties|
        atgarder|atgardspunkter|nasta steg|uppgifter|att gora|aktionspunkter|handlinger|oppgaver|neste steg|
        opgaver|naeste skridt|toimenpiteet|tehtavat|seuraavat askeleet|zadania|nastepne kroki|dzialania|do zrobienia|
        ukoly|dalsi kroky|feladatok|teendok|kovetkezo lepesek|sarcini|actiuni|pasi urmatori|
        задачи|действия|следующие шаги|поручения|план действий|дальнейшие шаги|завдання|наступні кроки|
        aksiyonlar|aksiyon maddeleri|gorevler|yapilacaklar|sonraki adimlar|
        アクションアイテム|アクション|ネクストアクション|次のアクション|次のステップ|ネクストステップ|タスク|やること|宿題|
        todoリスト|todo一覧|対応事項|実施事項|今後の対応|今後のアクション|
        行动项|行动事项|行动计划|待办事项|待办|下一步|下一步行动|后续行动|任务|任务分配|待辦事項|行動項目|
        실행 항목|액션 아이템|할 일|할일|다음 단계|후속 조치|과제|משימות|צעדים הבאים|المهام|الخطوات التالية|
        tindak lanjut|cong viec tiep theo
    """,
    DONE: """
        completed|completed action items|completed actions|completed tasks|completed items|done|done items|closed|
        closed action items|closed actions|finished|finished tasks|resolved action items|accomplished|§|
        erledigt|erledigte aufgaben|abgeschlossen|abgeschlossene aufgaben|fertig|termine|terminees|taches terminees|
        actions terminees|fait|realise|hecho|hechas|completado|completadas|tareas completadas|terminado|concluido|
        concluidas|tarefas concluidas|feito|completati|completate|fatto|afgerond|gereed|klaar|voltooid|klart|avslutade|
        ferdig|faerdig|afsluttet|valmis|tehty|zrobione|ukonczone|hotovo|splneno|выполнено|сделано|готово|виконано|
        tamamlandi|tamamlanan|完了|完了済み|完了タスク|対応済み|已完成|完成|완료|완료됨
    """,
    DECISIONS: """
        decisions|decision|decisions made|decisions taken|decisions and agreements|decision log|decisions log|
        decision points made|decision summary|agreements|agreement reached|agreed|agreed points|what we agreed|
        what we decided|what was decided|what was agreed|we decided|we agreed|decided|resolutions|resolution|resolved|
        motions carried|outcomes and decisions|decision record|decisions reached|conclusions and decisions|
        §|entscheidungen|entscheidung|beschlusse|beschluss|beschlossen|getroffene entscheidungen|gefasste beschlusse|
        festlegungen|vereinbarungen|vereinbart|ergebnisse und beschlusse|
        decisions prises|decisions actees|decision prise|releve de decisions|accords|ce qui a ete decide|resolutions adoptees|
        decisiones|decisiones tomadas|decision tomada|acuerdos|acuerdo|acuerdos tomados|acuerdos alcanzados|resoluciones|
        decisoes|decisoes tomadas|deliberacoes|decisioni|decisioni prese|decisione|delibere|accordi|
        besluiten|besluit|beslissingen|genomen besluiten|afspraken|beslutninger|beslutning|beslut|beslutade|
        paatokset|paatos|decyzje|podjete decyzje|ustalenia|postanowienia|rozhodnuti|zavery a rozhodnuti|dontesek|
        hatarozatok|decizii|hotarari|решения|решение|принятые решения|постановили|решили|рішення|ухвалені рішення|
        kararlar|alinan kararlar|決定事項|決定|決まったこと|決議事項|合意事項|决定|决定事项|决议|会议决议|決議|결정 사항|결정사항|결정|합의 사항|
        החלטות|القرارات|keputusan|quyet dinh
    """,
    FACTS: """
        key information|key facts|key points|facts|key details|key data|key info|important information|
        §|wichtige informationen|fakten|eckdaten|informations cles|faits cles|points cles|informacion clave|datos clave|
        hechos|informacoes chave|punti chiave|belangrijke informatie|kernpunten|ключевая информация|факты|要点|重要事項|关键信息
    """,
    NONE: """
        agenda|topics|topic|discussion|discussions|discussed|discussion points|discussion topics|discussion notes|
        notes|note|meeting notes|minutes|summary|executive summary|meeting summary|overview|recap|tl;dr|tldr|purpose|
        meeting purpose|goal|goals|objective|objectives|background|context|takeaways|key takeaways|takeaway|highlights|
        key highlights|insights|key insights|learnings|questions|open questions|open question|unanswered questions|
        questions raised|q&a|faq|next meeting|next call|next session|next meeting date|upcoming meetings|parking lot|
        parked|risks|risk|risks and issues|issues|blockers|blocker|concerns|dependencies|ideas|updates|update|status|
        status update|status updates|progress|announcements|news|transcript|full transcript|chapters|outline|timeline|
        topics discussed|key topics|keywords|sentiment|quotes|resources|links|references|attachments|related|documents|
        previous action items|action items from last meeting|actions from last meeting|review of action items|
        review of previous action items|previous actions|review of actions|last meeting|matters arising|
        pending decisions|open decisions|decisions needed|decisions required|decisions to be made|decisions to make|
        decision needed|decision criteria|decision drivers|decision makers|decision maker|options|alternatives|
        considered options|pros and cons|proposals|recommendations|suggestions|feedback|comments|appendix|glossary|
        absent|absentees|absences|apologies|regrets|excused|not present|unable to attend|optional|cc|distribution list|
        distribution|location|place|venue|time|duration|host|organizer|organiser|facilitator|chair|note taker|
        notetaker|scribe|recorded by|recording|meeting link|action item template|out of scope|scope|
        §|tagesordnung|themen|besprochen|besprochene themen|besprechungspunkte|diskussion|notizen|protokoll|zusammenfassung|
        offene fragen|offene punkte|fragen|risiken|abwesend|entschuldigt|nachster termin|nachstes treffen|nachstes meeting|ort|
        ordre du jour|sujets abordes|points abordes|discussions|compte rendu|resume|synthese|questions ouvertes|
        questions en suspens|points ouverts|risques|absents|excuses|absents excuses|prochaine reunion|lieu|
        orden del dia|temas|temas tratados|temas discutidos|puntos tratados|discusion|desarrollo|notas|resumen|
        preguntas abiertas|preguntas|riesgos|ausentes|excusados|proxima reunion|lugar|
        pauta|assuntos|assuntos discutidos|discussao|notas|resumo|perguntas|perguntas em aberto|riscos|ausentes|proxima reuniao|
        ordine del giorno|argomenti|discussione|note|riepilogo|domande aperte|rischi|assenti|prossima riunione|
        onderwerpen|besproken|discussie|notities|samenvatting|open vragen|risico's|afwezig|volgende vergadering|
        dagordning|diskussion|anteckningar|sammanfattning|oppna fragor|fravarande|nasta mote|
        porzadek obrad|dyskusja|notatki|podsumowanie|pytania|nieobecni|nastepne spotkanie|
        повестка|обсуждение|обсудили|заметки|итоги|вопросы|открытые вопросы|риски|отсутствовали|следующая встреча|
        gundem|notlar|ozet|acik sorular|
        議題|アジェンダ|議論|議論内容|議事|議事内容|討議内容|内容|メモ|要約|概要|未解決事項|未決事項|課題|懸念事項|質問|欠席者|欠席|
        次回|次回会議|次回予定|次回開催|前回のアクション|前回の宿題|场所|場所|议题|讨论|讨论内容|会议纪要|总结|问题|待解决问题|风险|缺席|下次会议|
        안건|논의|논의 내용|요약|질문|불참자|다음 회의
    """,
}


# What stands in front of § is English. Names that other languages write alike say nothing about the language.
@cache
def english() -> frozenset[str]:
    """The folded names of sections in English."""
    return frozenset(fold(name) for names in SECTIONS.values() for name in names.split("§")[0].split("|"))


# Labels in front of a value on the same line (`Present: a, b`, `ACTION: ...`), beside the names above.
LABELS: dict[str, str] = {
    ATTENDEES: "with|who|guests|invited|invited and present|mit|avec|con|com|met|wer|qui",
    DATE: """
        date|meeting date|date of meeting|when|day|held on|date and time|date & time|date/time|datum|wann|termin|
        date de la reunion|fecha|fecha de la reunion|cuando|data|data della riunione|data da reuniao|dato|dag|
        paivamaara|data spotkania|datum schuzky|дата|tarih|日付|日時|開催日|開催日時|会議日時|日期|时间|时间日期|會議日期|会议时间|날짜|일시|회의 일시|תאריך|التاريخ
    """,
    ACCOUNT: """
        account|customer|client|company|organisation|organization|organisations|organizations|org|kunde|firma|
        unternehmen|entreprise|societe|empresa|cliente|azienda|klant|bedrijf|kund|asiakas|klient|клиент|компания|
        musteri|sirket|顧客|会社|取引先|客户|公司|고객|고객사
    """,
    PROJECT: "project|projekt|projet|proyecto|projeto|progetto",
    PERSON: "person",
    DECISIONS: """
        decision|decided|resolved|agreed|we decided|we agreed|resolution|decision made|motion carried|conclusion reached|
        beschluss|entscheidung|beschlossen|entschieden|vereinbart|decision prise|decide|decidido|acuerdo|acordado|
        decisao|decisione|deciso|besluit|besloten|beslutning|beslut|beslutat|paatos|decyzja|ustalono|rozhodnuti|
        решение|решили|решено|рішення|karar|決定|決定事項|决定|决议|결정
    """,
    ACTIONS: """
        action|action item|action point|ai|ap|todo|to do|to-do|follow up|follow-up|next step|task|aufgabe|massnahme|
        action a mener|a faire|tache|accion|tarea|pendiente|acao|tarefa|azione|actie|actiepunt|atgard|handling|
        zadanie|ukol|задача|поручение|aksiyon|アクション|宿題|タスク|todo|行动|待办|액션|할 일
    """,
}

# Columns of tables, and details below an item (`Owner: Dana`).
COLUMNS: dict[str, str] = {
    OWNER: """
        owner|owners|action owner|task owner|assignee|assignees|assigned|assigned to|assigned person|responsible|responsible person|
        responsible party|responsibility|person responsible|who|by whom|lead|dri|accountable|champion|poc|point of contact|
        delegated to|person|name|
        verantwortlich|verantwortliche|verantwortlicher|verantwortliche person|zustandig|zustandigkeit|wer|bearbeiter|
        responsable|responsables|porteur|qui|pilote|en charge|assigne a|encargado|encargada|quien|asignado a|
        responsavel|quem|responsabile|chi|assegnato a|verantwoordelijk|verantwoordelijke|eigenaar|actiehouder|wie|
        ansvarig|ansvarlig|vem|hvem|vastuuhenkilo|vastuussa|odpowiedzialny|osoba odpowiedzialna|kto|zodpovedny|
        zodpovida|felelos|ответственный|исполнитель|кто|відповідальний|sorumlu|kim|担当|担当者|責任者|负责人|责任人|負責人|執行人|
        담당|담당자|책임자|אחראי|المسؤول
    """,
    DUE: """
        due|due date|due by|due on|deadline|target date|target|by|by when|when|date due|eta|timeline|timing|completion date|
        expected completion|finish by|needed by|complete by|
        bis|bis wann|frist|termin|fallig|falligkeit|fallig am|fallig bis|zieldatum|wann|
        echeance|date limite|pour le|delai|quand|date cible|fecha limite|fecha|plazo|vencimiento|para cuando|cuando|
        fecha de entrega|fecha compromiso|prazo|data limite|quando|ate|scadenza|entro|entro il|termine|
        deadline|uiterlijk|wanneer|gereed voor|einddatum|forfall|forfallsdatum|frist|senast|klart senast|slutdatum|
        maaraaika|termin wykonania|do kiedy|hatarido|срок|срок исполнения|дедлайн|до|термін|son tarih|bitis tarihi|
        期限|期日|締切|締め切り|納期|いつまで|截止日期|截止时间|截止|完成时间|期限日|기한|마감일|마감|תאריך יעד|الموعد النهائي|date
    """,
    TASK: """
        task|tasks|action|actions|action item|action items|item|items|description|what|todo|to do|to-do|follow up|follow-up|
        next step|next steps|deliverable|activity|action required|action point|task description|
        aufgabe|aufgaben|was|massnahme|massnahmen|beschreibung|aktion|thema|tache|taches|quoi|action a mener|actions a mener|
        tarea|tareas|accion|que|actividad|descripcion|compromiso|compromisos|tarefa|acao|o que|atividade|descricao|
        azione|attivita|cosa|compito|actie|actiepunt|taak|wat|omschrijving|atgard|uppgift|vad|handling|oppgave|hva|opgave|
        toimenpide|tehtava|zadanie|co|ukol|feladat|задача|действие|поручение|что|что сделать|завдання|gorev|aksiyon|is|
        タスク|アクション|アクションアイテム|内容|やること|対応内容|実施事項|作業|項目|任务|事项|行动|行动项|待办事项|工作内容|내용|할 일|액션|업무|
        משימה|המهمة
    """,
    DECISIONS: """
        decision|decisions|decision made|resolution|agreement|outcome|what was decided|entscheidung|beschluss|beschlusse|
        decision prise|decisiones|acuerdo|acuerdos|decisao|decisione|besluit|beslissing|beslutning|beslut|paatos|decyzja|
        rozhodnuti|dontes|решение|karar|決定事項|決定内容|決定|决定|决议|결정|결정 사항
    """,
    ATTENDEES: """
        attendee|attendees|participant|participants|name|names|full name|person|member|who|teilnehmer|teilnehmende|
        anwesende|nom|nom et prenom|nombre|nombre y apellido|asistente|asistentes|participante|nome|partecipante|naam|deelnemer|namn|
        navn|nimi|imie i nazwisko|uczestnik|jmeno|участник|имя|фио|isim|ad soyad|氏名|名前|参加者|出席者|姓名|参会人|이름|성명|참석자
    """,
    STATUS: """
        status|state|done|progress|stand|statut|etat|avancement|estado|stato|stav|tila|статус|состояние|durum|
        状態|ステータス|状況|进度|状态|상태
    """,
    TITLE: "#|no|no.|nr|nr.|id|n|n°|№|番号|序号|번호|ref",
    NONE: "role|title|priority|notes|comments|comment|company|organisation|organization|email|e-mail|rolle|prio|prioritat|bemerkung|remarques|notas|rol|fonction|cargo|役割|所属|部署|備考|备注|优先级|비고|rationale|reason|context|topic|date decided|impact",
}


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Words around the name of a section that change nothing, of any kind and of one.
_FILLERS: dict[str, frozenset[str]] = {
    "": word_set("""key main major important the our a of from this that todays today's today s and summary list meeting meetings call calls
        session our all section overview for in at as total confirmed current big top some other team
        die der das den des wichtige wichtigsten heutige unsere liste im vom aus dem sitzung besprechung
        les des de la le du cles cle principales principaux liste reunion seance
        los las el lista principales clave de la reunion da do dos das principais lista reuniao della delle dei principali
        de het belangrijkste van lijst viktiga viktigste"""),
    ACTIONS: word_set("""open new next upcoming agreed assigned immediate outstanding pending resulting identified proposed required
        post personal individual owner owners person by assignee per resulting offene neue vereinbarte nouvelles nuevas with owners
        due dates deadlines after before monday friday week weeks who what"""),
    DECISIONS: word_set("""made taken reached final agreed approved adopted recorded here we confirmed decided were getroffene getroffen
        gefasste prises prise actees tomadas tomada alcanzados prese genomen tagna fattede"""),
    ATTENDEES: word_set("names name present roles and with role internal external confirmed their invited"),
    DONE: word_set("already recently last since"),
    FACTS: frozenset(),
    NONE: word_set("other any further general additional"),
}

# What is written where there is nothing to list.
_NOTHING = lazy_pattern(
    r"(?:(?:\[\[\s*\]\]\s*)+|none(?: .{0,40})?|n/?a|nothing(?: .{0,40})?|not? (?:any )?(?:new |key |further |open |formal )?"
    r"(?:action items?|actions?|decisions?|tasks?|next steps?|follow[- ]?ups?|attendees?|to-?dos?)\b.{0,60}|nobody|tb[dac]|todo|unknown|\?+|"
    r"keine?r?s?(?: .{0,40})?|nichts|entfallt|aucune?(?: .{0,40})?|neant|rien(?: .{0,20})?|ningun[oa]?(?: .{0,40})?|nada|sin (?:acuerdos|tareas|decisiones|compromisos).{0,20}|"
    r"nenhum[a]?(?: .{0,30})?|nessun[ao]?(?: .{0,30})?|niente|geen(?: .{0,30})?|ingen(?: .{0,30})?|inga(?: .{0,30})?|brak|zadne|"
    r"нет|отсутствуют|yok|なし|特になし|特に無し|無し|无|暂无|無|없음|해당 없음|[-–—_.…*\s]+|to be (?:added|defined|determined|confirmed|filled).{0,20})[.!。]?",
)  # fmt: skip

# The first two letters of all that it matches and that begins with two.
_NOTHING_BEGINS = word_set("no na tb to un ke ni en au ne ri si ge in br za yo")

_AROUND = lazy_pattern(r"^[\W\d_]+|[\W_]+$")
_BRACKETS = lazy_pattern(r"\s*[\(（\[][^()（）\[\]]*[\)）\]]\s*$")
_NUMBERED = lazy_pattern(r"\s*(?:#|no\.?|nr\.?)?\s*\d+$")
_JOINTS = lazy_pattern(r"\s*(?:&|\+|/|,|;|、|・|と|及|和)\s*|\s+(?:and|und|et|y|e|og|och|en|i|ve|и)\s+")
WORD = lazy_pattern("[a-z0-9#]+")
_JOINING = ("and", "und", "et", "y", "e", "og", "och", "en", "i", "ve", "no", "nr", "")
_PLAIN_ENOUGH = frozenset("([*`")  # none of them: a name's words stand in the text as they are


def _is_cjk(character: str) -> bool:
    """Chinese, Japanese or Korean. (A pattern of such large ranges would take milliseconds to compile.)"""
    return "\u1100" <= character <= "\u11ff" or "\u3040" <= character <= "\ud7af"


_BEFORE = ("前回", "上次", "未", "지난")  # last time's: what was to do before this meeting


def clean(text: str) -> str:
    """A name as it is compared: no emphasis, emoji, number, bracket or colon around it, case and accents folded."""
    key = _AROUND.sub("", _BRACKETS.sub("", text.rstrip(" \t*_:："))) or _AROUND.sub("", text)
    key = fold(_NUMBERED.sub("", _AROUND.sub("", _BRACKETS.sub("", key)))) if key else ""
    return key.replace("**", "").replace("`", "").strip()


def words_of(table: dict[str, str]) -> dict[str, Kinds]:
    """folded name -> its kinds, of a table of names joined by '|'."""
    found: dict[str, Kinds] = {}
    for kind, names in table.items():
        for name in names.split("|"):
            key = " ".join(name.casefold().split()) if name.isascii() else fold(name)
            if key and key != "§" and kind not in found.get(key, ()):
                found[key] = (*found.get(key, ()), kind)
    return found


class Names(dict[str, Kinds]):
    """Text as written -> the kinds of what it names, () when it names nothing we know; learns as it is asked."""

    def __init__(self, table: dict[str, str], more: dict[str, str] | None = None, *, parts: bool = True) -> None:
        """`more` are folded names that settings add, with their kind. `parts`: also 'Decisions & next steps'."""
        super().__init__()
        self._given = table, more or {}
        self._parts = parts

    # Worked out when a name is first asked for: many notes ask for none of the columns.

    @cached_property
    def _known(self) -> dict[str, Kinds]:
        table, more = self._given
        return words_of(table) | {key: (kind,) for key, kind in more.items()}

    @cached_property
    def some(self) -> frozenset[str]:
        """The words of all names."""
        return frozenset(WORD.findall(" ".join(self._known)))

    @cached_property
    def _every(self) -> frozenset[str]:
        # What a name may be made of: its words, those that change nothing, and those that join names or count them.
        return self.some.union(*_FILLERS.values(), _JOINING)

    @cached_property
    def _cjk(self) -> list[str]:
        return sorted((k for k in self._known if len(k) > 2 and _is_cjk(k[0])), key=len, reverse=True)

    def __missing__(self, text: str) -> Kinds:
        if len(self) > 20_000:
            self.clear()
        found = self._of(clean(text)) if len(text) < 90 and self.may_know(text) else ()
        self[text] = found
        return found

    def may_know(self, text: str) -> bool:
        """False when the text has a word that no name has, or none that a name has: quickly, for so are most texts."""
        if not text.isascii():
            return True
        words = WORD.findall(text.lower())
        if self.some.isdisjoint(words) and self.some.isdisjoint(without_numbers(words)):
            return False
        if not (self._parts and _PLAIN_ENOUGH.isdisjoint(text)):
            return True  # what stands in brackets or marks may be anything
        for word in words:  # noqa: SIM110 - twice as fast as all() with a generator
            if word not in self._every and word.strip("0123456789#") not in self._every:
                return False
        return True

    def _of(self, key: str) -> Kinds:
        known = self._known.get(key) or ("-" in key and self._known.get(key.replace("-", " "))) or None
        if known is not None or not key:
            return known or ()
        if not self._parts:
            return ()
        if " " not in key and any(map(_is_cjk, key)) and not key.startswith(tuple(map(fold, _BEFORE))):
            for name in self._cjk:
                if key.endswith(name):
                    return self._known[name]
        found: dict[str, None] = {}
        parts = [part for part in _JOINTS.split(key) if part]
        for part in parts:
            kinds = self._known.get(part) or self._plain(part)
            if not kinds:
                return self._plain(key)
            found.update(dict.fromkeys(kinds))
        several = [kind for kind in found if kind != NONE] or list(found)
        return tuple(several)

    def _plain(self, key: str) -> Kinds:
        """The kinds of a name without the words that change nothing."""
        words = [word for word in key.split() if word not in _FILLERS[""]]
        known = self._known.get(" ".join(words))
        if known is not None:
            return known
        for kind, fillers in _FILLERS.items():
            if kind:
                known = self._known.get(" ".join([word for word in words if word not in fillers]))
                if known is not None and kind in known:
                    return known
        return ()


def without_numbers(words: list[str]) -> list[str]:
    """The words without the numbers at their end: 'ap' of 'AP1'."""
    return [word.rstrip("0123456789#") for word in words]


def nothing(text: str) -> bool:
    """Whether an entry says that there is none: '-', 'N/A', 'No action items.', 'Keine', '特になし'."""
    text = text.strip("*_ \t()[]")
    start = text[:2]
    if start.isascii() and start.isalpha() and start.lower() not in _NOTHING_BEGINS:
        return False  # most texts: quickly
    key = fold(text)
    return not key or (len(key) < 90 and _NOTHING.fullmatch(key) is not None)
