/** A subject people write to companies about, in the languages they write in. */
interface Topic {
  /** Words that stand for it in the name of a label or a tool. */
  readonly names: readonly string[];
  /** What one mention counts. Words that appear in messages about anything count less. */
  readonly weight: number;
  /** @default no limit */
  readonly most?: number;
  /** Phrases separated by `|`. A trailing `*` allows any ending; a phrase of several words counts double. */
  readonly phrases: string;
}

const TOPICS: readonly Topic[] = [
  {
    names: ['refund', 'refunds', 'reimburse', 'reimbursement', 'return', 'chargeback'],
    weight: 1,
    phrases:
      'refund*|money back|reimburse*|chargeback*|charged twice|double charge*|return the|return it|want my money|' +
      'rückerstattung*|erstatt*|geld zurück|zurückerstatt*|rückzahlung|zurückgeben|doppelt abgebucht|' +
      'rembours*|été débité deux fois|reembols*|devolución|devolver*|devolva*|cobrado dos veces|dinheiro de volta|' +
      'cobrado duas vezes|rimbors*|soldi indietro|addebitato due volte|terugbetal*|geld terug*|twee keer afgeschreven|' +
      'zwrot*|zwróc*|pieniędzy|返金|払い戻し|返品',
  },
  {
    names: ['bug', 'bugs', 'defect', 'error', 'technical', 'crash'],
    weight: 1,
    phrases:
      "bug*|crash*|error*|broken|not working|does not work|doesn't work|stopped working|won't start|fails|failing|failed|freez*|frozen|" +
      'glitch*|exception|stack trace|wrong value|blank screen|cut off|absturz*|stürzt|abgestürzt|fehler*|kaputt|funktioniert nicht|geht nicht|' +
      'plante|planté|erreur*|ne marche pas|ne marche plus|ne fonctionne pas|cassé*|no funciona|falla*|se cierra|roto|rota|' +
      'não funciona|erro|trava*|quebrad*|non funziona|errore|si blocca|rotto|werkt niet|foutmelding*|fout|kapot|loopt vast|' +
      'nie działa|błąd|błęd*|zawiesza*|awaria aplikacji|エラー|動かない|動きません|バグ|クラッシュ|落ちる|不具合',
  },
  {
    names: ['outage', 'incident', 'downtime', 'down'],
    weight: 1.5,
    phrases:
      'outage*|is down|are down|went down|been down|unavailable|503|502|unreachable|offline|timing out|times out|nobody can log in|' +
      'ausfall*|ausgefallen|nicht erreichbar|störung*|panne|indisponible*|en panne|hors service|injoignable|caído|caída|no disponible|fuera de servicio|' +
      'fora do ar|indisponível|fuori servizio|non raggiungibile|irraggiungibile|storing*|ligt plat|onbereikbaar|niet bereikbaar|nie odpowiada|niedostępn*|awari*|' +
      '障害|停止|ダウン|繋がらない|つながらない|接続できません',
  },
  {
    names: ['billing', 'bill', 'invoice', 'payment', 'payments', 'charge', 'fee'],
    weight: 1,
    phrases:
      'invoice*|billing|billed|payment*|charged|fee|fees|vat|subscription|receipt*|direct debit|price increase|' +
      'rechnung*|zahlung*|abgebucht|abbuchung*|gebühr*|mwst|facture*|paiement*|prélèvement*|débité*|tva|abonnement|' +
      'factura*|pago|pagos|cobro*|cobrad*|fatura*|pagamento*|cobrança*|fattura*|addebit*|factuur|betaling*|afgeschreven|btw|' +
      'faktur*|płatnoś*|opłat*|請求*|支払*|料金|領収書',
  },
  {
    names: ['abuse', 'spam', 'threat', 'harassment', 'fraud', 'scam'],
    weight: 1.5,
    phrases:
      'threat*|scam*|spam|kill you|hurt you|idiot*|stupid people|harass*|insult*|fraud*|phishing|click here|you have won|free money|crypto investment|' +
      'guaranteed returns|burn down|regret it|betrüger*|droh*|arnaque*|menace*|estafa*|amenaz*|golpe|ameaç*|truff*|minacc*|oplicht*|bedreig*|oszust*|groż*|詐欺|脅迫',
  },
  {
    names: ['question', 'questions', 'inquiry', 'how', 'help', 'faq'],
    weight: 0.4,
    most: 0.9,
    phrases:
      '?|？|how|what|where|when|which|why|who|can i|could i|do i|is there|is it possible|wondering|wie|wann|welche*|kann ich|gibt es|' +
      'comment faire|comment puis|comment je|quel*|où|quand|puis-je|est-ce que|cómo|qué|dónde|cuándo|puedo|como faço|onde|quando|posso|come posso|dove|quale|hoe|waar|wanneer|welke|kan ik|' +
      'jak|gdzie|kiedy|czy|方法|教えて|ですか|でしょうか|ますか',
  },
  {
    names: ['account', 'login', 'access', 'password'],
    weight: 0.8,
    phrases:
      'password*|log in|login|sign in|locked out|my account|passwort|konto|anmelden|mot de passe|connexion|contraseña|iniciar sesión|senha|wachtwoord|inloggen|hasł*|zalogow*|パスワード|ログイン',
  },
  {
    names: ['delivery', 'shipping', 'order', 'shipment'],
    weight: 0.8,
    phrases:
      'deliver*|shipping|shipment|parcel|package|arrived|tracking number|lieferung*|paket|livraison|colis|envío|entrega|consegna|spedizione|levering|bezorg*|dostaw*|paczk*|配送|届か',
  },
  {
    names: ['urgent', 'high', 'critical', 'escalate', 'escalation', 'human'],
    weight: 0.8,
    phrases:
      'urgent*|asap|immediately|right now|lawyer|legal action|call us back|dringend|sofort|anwalt|urgence|immédiatement|avocat|urgente|abogado|advogado|avvocato|dringend|onmiddellijk|pilne|natychmiast|至急|緊急',
  },
];

const SPACED_SCRIPT = /[\p{Script=Latin}\d]/u;

const COMPILED = TOPICS.map(({ phrases, ...topic }) => ({ ...topic, pattern: compile(phrases) }));

function compile(phrases: string): RegExp {
  const alternatives = phrases.split('|').map((phrase) => {
    const stem = phrase.replace(/\*$/, '').replace(/[?.]/g, '\\$&').replaceAll(' ', '\\s+');
    // Scripts without spaces between words have no word boundaries to look for.
    if (!SPACED_SCRIPT.test(phrase)) return stem;
    return phrase.endsWith('*')
      ? `(?<![\\p{L}\\p{N}])${stem}`
      : `(?<![\\p{L}\\p{N}])${stem}(?![\\p{L}\\p{N}])`;
  });
  // Longest first, so that "charged twice" is not taken for "charged".
  alternatives.sort((left, right) => right.length - left.length);
  return new RegExp(alternatives.join('|'), 'giu');
}

/** How often, weighted, the text speaks about what a name's words stand for; 0 when it does not. */
export function topicScore(text: string, nameWords: readonly string[]): number {
  let score = 0;
  for (const { names, weight, most = Number.POSITIVE_INFINITY, pattern } of COMPILED) {
    if (!names.some((name) => nameWords.includes(name))) continue;
    const found = new Set(Array.from(text.matchAll(pattern), ([match]) => match.toLowerCase()));
    const mentions = [...found].reduce((sum, phrase) => sum + (/\s/.test(phrase) ? 2 * weight : weight), 0);
    score += Math.min(most, mentions);
  }
  return score;
}
