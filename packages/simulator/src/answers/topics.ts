/** A subject people write to companies about, in the languages they write in. */
interface Topic {
  /** Words that stand for it in the name of a label or a tool. */
  readonly names: readonly string[];
  /** What one mention counts. Words that appear in messages about anything count less. */
  readonly weight: number;
  /** @default no limit */
  readonly most?: number;
  /** By language, separated by `|`. A trailing `*` allows any ending; a phrase of several words counts double. */
  readonly phrases: Readonly<Record<string, string>>;
}

const TOPICS: readonly Topic[] = [
  {
    names: ['refund', 'refunds', 'reimburse', 'reimbursement', 'return', 'chargeback'],
    weight: 1,
    phrases: {
      en: 'refund*|money back|reimburse*|chargeback*|charged twice|double charge*|return the|return it|want my money',
      de: 'rückerstattung*|erstatt*|geld zurück|zurückerstatt*|rückzahlung|zurückgeben|doppelt abgebucht',
      fr: 'rembours*|débité deux fois',
      es: 'reembols*|devolución|devolver*|devuelv*|cobrado dos veces',
      pt: 'devolva*|cobrado duas vezes|dinheiro de volta|estorno',
      it: 'rimbors*|soldi indietro|addebitato due volte',
      nl: 'terugbetal*|geld terug*|twee keer afgeschreven',
      pl: 'zwrot*|zwróc*|pieniędzy',
      ja: '返金|払い戻し|返品',
    },
  },
  {
    names: ['bug', 'bugs', 'defect', 'error', 'technical', 'crash'],
    weight: 1,
    phrases: {
      en: "bug*|crash*|error*|broken|broke|not working|doesn't work|does not work|stopped working|won't start|don't load|doesn't load|does nothing|fails|failing|failed|freez*|frozen|glitch*|exception|stack trace|blank screen|cut off|undefined|nan",
      de: 'absturz*|stürzt|abgestürzt|fehler*|kaputt|funktioniert nicht|geht nicht',
      fr: 'plante|planté|erreur*|ne marche pas|ne marche plus|ne fonctionne pas|cassé*',
      es: 'error|no funciona|falla*|se cierra|roto|rota',
      pt: 'erro|não funciona|trava*|quebrad*',
      it: 'errore|non funziona|si blocca|rotto',
      nl: 'foutmelding*|fout|werkt niet|kapot|loopt vast|blijft hangen',
      pl: 'nie działa|błąd|błęd*|zawiesza*|wyłącza się',
      ja: 'エラー|動かない|動きません|バグ|クラッシュ|落ちる|落ちます|起動しません|不具合',
    },
  },
  {
    names: ['outage', 'incident', 'downtime', 'down'],
    weight: 1.5,
    phrases: {
      en: 'outage*|is down|are down|went down|been down|unavailable|503|502|unreachable|offline|timing out|times out|nobody can log in',
      de: 'ausfall*|ausgefallen|nicht erreichbar|störung*',
      fr: 'panne|indisponible*|hors service|injoignable|inaccessible',
      es: 'caído|caída|no disponible|fuera de servicio',
      pt: 'fora do ar|indisponível',
      it: 'fuori servizio|non raggiungibile|irraggiungibile',
      nl: 'storing*|ligt plat|onbereikbaar|niet bereikbaar',
      pl: 'awari*|nie odpowiada|niedostępn*',
      ja: '障害|停止|ダウン|繋がらない|つながらない|接続できません',
    },
  },
  {
    names: ['billing', 'bill', 'invoice', 'payment', 'payments', 'charge', 'fee'],
    weight: 1,
    phrases: {
      en: 'invoice*|billing|billed|payment*|card|cards|charged|fee|fees|vat|subscription|receipt*|direct debit|bank transfer|price increase',
      de: 'rechnung*|zahlung*|abgebucht|abbuchung*|gebühr*|mwst|mehrwertsteuer',
      fr: 'facture*|paiement*|prélèvement*|débité*|tva|abonnement',
      es: 'factura*|pago|pagos|cobro*|cobrad*|cobraron|suscripción',
      pt: 'fatura*|pagamento*|cobrança*|assinatura',
      it: 'fattura*|addebit*|pagamento*',
      nl: 'factuur|facturen|betaling*|afgeschreven|btw',
      pl: 'faktur*|płatnoś*|opłat*|abonament*',
      ja: '請求|支払|料金|領収書',
    },
  },
  {
    names: ['abuse', 'spam', 'threat', 'harassment', 'fraud', 'scam'],
    weight: 1.5,
    phrases: {
      en: 'threat*|scam*|spam|kill you|hurt you|idiot*|moron*|clown*|stupid*|useless|come to your office|harass*|insult*|fraud*|phishing|click here|you have won|free money|guaranteed returns|burn down|regret it',
      de: 'betrüger*|droh*|saftladen',
      fr: 'arnaque*|menace*',
      es: 'estafa*|amenaz*',
      pt: 'golpe|ameaç*',
      it: 'truff*|minacc*',
      nl: 'oplicht*|bedreig*',
      pl: 'oszust*|groż*',
      ja: '詐欺|脅迫',
    },
  },
  {
    names: ['question', 'questions', 'inquiry', 'how', 'help', 'faq'],
    weight: 0.4,
    most: 0.9,
    phrases: {
      en: '?|how|what|where|when|which|why|who|can i|could i|do i|is there|is it possible|wondering',
      de: 'wie|wann|welche*|kann ich|gibt es',
      fr: 'comment faire|comment puis|comment je|quel*|où|quand|puis-je|est-ce que',
      es: 'cómo|qué|dónde|cuándo|puedo',
      pt: 'como faço|onde|quando|posso',
      it: 'come posso|dove|quale|quando',
      nl: 'hoe|waar|wanneer|welke|kan ik',
      pl: 'jak|gdzie|kiedy|czy',
      ja: '？|方法|教えて|ですか|でしょうか|ますか',
    },
  },
  {
    names: ['account', 'login', 'access', 'password'],
    weight: 0.8,
    phrases: {
      en: 'password*|log in|login|sign in|locked out|my account',
      de: 'passwort|konto|anmelden',
      fr: 'mot de passe|connexion',
      es: 'contraseña|iniciar sesión',
      pt: 'senha',
      nl: 'wachtwoord|inloggen',
      pl: 'hasł*|zalogow*',
      ja: 'パスワード|ログイン',
    },
  },
  {
    names: ['delivery', 'shipping', 'order', 'shipment'],
    weight: 0.8,
    phrases: {
      en: 'deliver*|shipping|shipment|shipped|parcel|package|arrived|tracking number',
      de: 'lieferung*|paket',
      fr: 'livraison|colis',
      es: 'envío|entrega',
      it: 'consegna|spedizione',
      nl: 'levering|bezorg*',
      pl: 'dostaw*|paczk*',
      ja: '配送|届か',
    },
  },
  {
    names: ['urgent', 'high', 'critical', 'escalate', 'escalation', 'human'],
    weight: 0.8,
    phrases: {
      en: 'urgent*|asap|immediately|right now|lawyer|legal action|call us back',
      de: 'dringend|sofort|anwalt',
      fr: 'urgence|immédiatement|avocat',
      es: 'urgente|abogado',
      pt: 'advogado',
      it: 'avvocato',
      nl: 'onmiddellijk|advocaat',
      pl: 'pilne|natychmiast',
      ja: '至急|緊急',
    },
  },
];

const COMPILED = TOPICS.map(({ phrases, ...topic }) => ({
  ...topic,
  pattern: compile(Object.values(phrases).flatMap((list) => list.split('|'))),
}));

/** Scripts without spaces between words have no word boundaries to look for. */
function isSpaced(phrase: string): boolean {
  return /[\p{Script=Latin}\d]/u.test(phrase);
}

function compile(phrases: readonly string[]): RegExp {
  // Longest first, so that "charged twice" is not taken for "charged".
  const sorted = phrases.toSorted((left, right) => right.length - left.length);
  const words = sorted.filter((phrase) => isSpaced(phrase) && !phrase.endsWith('*')).map(escaped);
  const stems = sorted.filter((phrase) => phrase.endsWith('*')).map((phrase) => escaped(phrase.slice(0, -1)));
  const anywhere = sorted.filter((phrase) => !isSpaced(phrase)).map(escaped);
  const atWordStart = [`(?:${words.join('|')})(?![\\p{L}\\p{N}])`, ...stems].join('|');
  return new RegExp([`(?<![\\p{L}\\p{N}])(?:${atWordStart})`, ...anywhere].join('|'), 'giu');
}

function escaped(phrase: string): string {
  return phrase.replace('?', '\\?').replaceAll(' ', '\\s+');
}

/** How often, weighted, the text speaks about what a name's words stand for; 0 when it does not. */
export function topicScore(text: string, nameWords: readonly string[]): number {
  let score = 0;
  for (const { names, weight, most = Number.POSITIVE_INFINITY, pattern } of COMPILED) {
    if (!names.some((name) => nameWords.includes(name))) continue;
    const found = new Set(Array.from(text.matchAll(pattern), ([match]) => match.toLowerCase()));
    const mentions = [...found].reduce((sum, phrase) => sum + (/\s/.test(phrase) ? 2 : 1), 0);
    score += Math.min(most, weight * mentions);
  }
  return score;
}
