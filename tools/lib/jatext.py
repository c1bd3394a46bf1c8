# SPDX-License-Identifier: Apache-2.0
"""jatext - words for benign Japanese business mail: firms, people, sentences, signatures.

Everybody and everything is invented; hosts are under .example (RFC 2606). Used by
tools/make-ja-ham; text is picked by the random generator that the caller brings.
"""

OWN = 'umi-shoji.example'
OWN_NAME = '海商事株式会社'

# name, host, kind of business
FIRMS = [
    ('山工業株式会社', 'yama-kogyo.example', '製造'), ('株式会社みほん製作所', 'mihon-ss.example', '製造'),
    ('例示システムズ株式会社', 'reiji-systems.example', 'IT'), ('㈱北見本運輸', 'kita-unyu.example', '物流'),
    ('サンプル印刷株式会社', 'sample-print.example', '印刷'), ('東仮想電機株式会社', 'higashi-denki.example', '電機'),
    ('有限会社川上商店', 'kawakami.example', '小売'), ('税理士法人みなと', 'minato-tax.example', '士業'),
    ('株式会社オフィス用品例', 'office-rei.example', '小売'), ('Example Trading Co., Ltd.', 'example-trading.example', '商社'),
    ('社会福祉法人ひかり会', 'hikarikai.example', '福祉'), ('国立大学法人例大学', 'rei-u.ac.example', '大学'),
    ('見本市役所', 'city.mihon.example', '官公庁'), ('クラウド例ソフト株式会社', 'cloud-rei.example', 'IT'),
    ('株式会社髙﨑設計', 'takasaki-sekkei.example', '設計'), ('南海見本リース株式会社', 'nankai-lease.example', '金融'),
]

FAMILY = [('佐藤', 'sato'), ('鈴木', 'suzuki'), ('高橋', 'takahashi'), ('田中', 'tanaka'), ('伊藤', 'ito'), ('渡邊', 'watanabe'), ('山本', 'yamamoto'),
          ('中村', 'nakamura'), ('小林', 'kobayashi'), ('加藤', 'kato'), ('吉田', 'yoshida'), ('髙田', 'takada'), ('斎藤', 'saito'), ('松本', 'matsumoto'),
          ('井上', 'inoue'), ('木村', 'kimura'), ('林', 'hayashi'), ('清水', 'shimizu'), ('山﨑', 'yamazaki'), ('森', 'mori')]
GIVEN = [('太郎', 'taro'), ('花子', 'hanako'), ('一郎', 'ichiro'), ('美咲', 'misaki'), ('健', 'ken'), ('由美', 'yumi'), ('誠', 'makoto'), ('恵', 'megumi'),
         ('大輔', 'daisuke'), ('さくら', 'sakura'), ('翔', 'sho'), ('直子', 'naoko'), ('浩二', 'koji'), ('真理子', 'mariko'), ('圭', 'kei')]
SECTIONS = ['営業部', '総務部', '経理部', '購買課', '業務課', '情報システム部', '第二営業部', '人事部', '品質保証部', 'カスタマーサポート', '企画課', '工務部']

GREETINGS = ['いつもお世話になっております。', 'お世話になっております。', '平素より大変お世話になっております。', 'いつも大変お世話になりありがとうございます。',
             'お疲れ様です。', 'ご連絡ありがとうございます。', 'はじめてご連絡いたします。', '先日はお忙しいところありがとうございました。']
CLOSINGS = ['以上、よろしくお願いいたします。', 'お手数ですが、よろしくお願い申し上げます。', '何卒よろしくお願いいたします。', 'ご確認のほどよろしくお願いいたします。',
            '引き続きよろしくお願いいたします。', '取り急ぎご連絡まで。', 'ご不明な点がございましたらご連絡ください。', 'ご検討のほどお願い申し上げます。']

# subject, sentences; {m} month, {d} day, {n} number, {p} product, {y} yen
TOPICS = [
    ('{m}月度請求書の送付について', ['{m}月度の請求書をお送りいたします。', '金額は{y}円（税込）となっております。', 'お支払期日は翌月末日でございます。', '原本は郵送いたしますので、ご査収ください。']),
    ('お見積りの件', ['先日ご依頼いただきました{p}のお見積りをお送りします。', '数量は{n}個、単価は{y}円で計算しております。', '有効期限は発行日より30日間です。', 'ご予算に合わない場合はご相談ください。']),
    ('{p}の納期について', ['ご注文いただいた{p}（{n}台）の納期についてご連絡いたします。', '{m}月{d}日に出荷し、翌日着の予定です。', '当日は午前中の配送となります。', '分納をご希望の場合はお知らせください。']),
    ('定例会議（{m}/{d}）の議事録', ['{m}月{d}日の定例会議の議事録を共有いたします。', '宿題事項は次回までにご対応をお願いします。', '議事録に誤りがあれば今週中にご指摘ください。', '次回は第3会議室で行います。']),
    ('【ご案内】{p}セミナー開催のお知らせ', ['{p}に関するセミナーを{m}月{d}日に開催いたします。', '参加費は無料、定員は{n}名です。', 'オンラインでもご参加いただけます。', 'お申し込みは下記のページからお願いいたします。']),
    ('勤怠入力のお願い', ['{m}月分の勤怠入力の締め切りは{d}日です。', '未入力の方は本日中にご対応ください。', '出張分の精算もあわせてお願いします。', '承認が済んでいない申請が{n}件あります。']),
    ('システムメンテナンスのお知らせ', ['{m}月{d}日 22時から翌5時まで、{p}のメンテナンスを行います。', '作業中はサービスをご利用いただけません。', '作業時間は前後することがあります。', 'ご迷惑をおかけしますが、ご理解をお願いいたします。']),
    ('契約書の押印について', ['契約書の案を修正いたしましたのでご確認ください。', '第{n}条の文言を貴社のご要望に合わせて変更しております。', '問題がなければ2部製本のうえ押印をお願いします。', '電子契約をご希望の場合はその旨お知らせください。']),
    ('Re: 打ち合わせ日程の件', ['{m}月{d}日の14時からでお願いできますでしょうか。', '場所は弊社の本社3階でお願いします。', '弊社からは{n}名で伺います。', '難しいようでしたら翌週でも構いません。']),
    ('{p}不具合のご報告', ['{p}の不具合についてご報告いたします。', '{m}月{d}日に{n}件のエラーを確認しました。', '原因は設定値の誤りで、すでに修正済みです。', '再発防止策は別紙のとおりです。']),
    ('年末年始休業のお知らせ', ['誠に勝手ながら、下記の期間を休業とさせていただきます。', '12月29日（火）～1月4日（月）', '期間中のお問い合わせは1月5日以降に順次ご返信いたします。', '本年中のご注文は12月{d}日までにお願いいたします。']),
    ('発注書（No.{n}）', ['下記のとおり発注いたします。', '品名：{p}　数量：{n}　希望納期：{m}月{d}日', 'ご手配のほどよろしくお願いします。', '納品書と請求書は別送でお願いします。']),
    ('採用面接の日程について', ['面接日の候補を3つご連絡いたします。', '第一希望は{m}月{d}日の10時です。', '当日は履歴書をご持参ください。', '交通費は当日精算いたします。']),
    ('Quarterly report', ['Please find the quarterly figures for {p} below.', 'The total was {y} yen, {n} units.', 'Let me know if you need the details by {m}/{d}.', '和訳が必要な場合はお知らせください。']),
]
PRODUCTS = ['ボルト', '温度センサー', '複合機トナー', 'クラウド勤怠', 'サーバー', '制御盤', '作業用手袋', 'オフィスチェア', '会計ソフト', 'ネットワーク機器', '梱包資材', 'ＬＥＤ照明', 'ﾊﾞｯﾃﾘｰ', 'ノートＰＣ', '測定器']

RULES = ['--', '-- ', '━━━━━━━━━━━━━━━━━━━━', '─' * 24, '=' * 40, '*' * 36, '＋' + '-' * 30 + '＋', '+----------------------------------+', '_/' * 16]


def pick(r, items):
    return items[r.randrange(len(items))]


class Person:
    def __init__(self, r, firm=None):
        self.firm = firm or pick(r, FIRMS)
        f, g = pick(r, FAMILY), pick(r, GIVEN)
        self.family, self.given = f[0], g[0]
        self.name = '%s %s' % (f[0], g[0])
        self.latin = '%s %s' % (g[1].capitalize(), f[1].capitalize())
        self.local = pick(r, ['%s' % f[1], '%s.%s' % (g[1], f[1]), '%s-%s' % (f[1], g[1][0]), '%s_%s' % (g[1][0], f[1])])
        self.address = '%s@%s' % (self.local, self.firm[1])
        self.section = pick(r, SECTIONS)

    def shown(self, r):
        """The display name, as people write it."""
        return pick(r, [self.name, self.name, '%s %s' % (self.firm[0], self.family), self.latin, '%s（%s）' % (self.name, self.section), '%s／%s' % (self.family, self.firm[0]), ''])

    def signature(self, r):
        rule = pick(r, RULES)
        lines = [self.firm[0], '%s　%s' % (self.section, self.name)]
        if r.random() < 0.6:
            lines.append('〒%03d-%04d 東京都見本区%d-%d-%d' % (r.randrange(100, 999), r.randrange(9999), r.randrange(1, 9), r.randrange(1, 30), r.randrange(1, 20)))
        if r.random() < 0.8:
            lines.append(pick(r, ['TEL：03-0000-%04d', 'TEL 03-0000-%04d / FAX 03-0000-0000', '電話：０３－００００－%04d', '☎ 03-0000-%04d']) % r.randrange(10000))
        if r.random() < 0.8:
            lines.append(pick(r, ['E-mail：%s', 'Mail: %s', '✉ %s', '%s']) % self.address)
        if r.random() < 0.4:
            lines.append('https://www.%s/' % self.firm[1])
        closing = rule if r.random() < 0.7 and rule not in ('--', '-- ') else ''
        return '\n'.join([rule] + lines + ([closing] if closing else [])) + '\n'


def fill(r, text):
    return (text.replace('{m}', str(r.randrange(1, 13))).replace('{d}', str(r.randrange(1, 29))).replace('{n}', str(r.randrange(2, 300)))
            .replace('{p}', pick(r, PRODUCTS)).replace('{y}', format(r.randrange(10, 9000) * 100, ',')))


def topic(r):
    """(subject, the sentences of the body)"""
    subject, lines = pick(r, TOPICS)
    count = r.randrange(2, len(lines) + 1)
    return fill(r, subject), [fill(r, s) for s in lines[:count]]


def letter(r, writer, reader, lines, more=()):
    head = pick(r, ['%s\n%s様' % (reader.firm[0], reader.family), '%s様' % reader.family, '%s　%s様' % (reader.firm[0], reader.name), '関係者各位', 'ご担当者様'])
    intro = pick(r, ['%sの%sです。' % (writer.firm[0], writer.family), '%s %sでございます。' % (writer.firm[0], writer.family), '%sです。' % writer.family])
    body = [head, '', pick(r, GREETINGS), intro, ''] + list(lines)
    if more:
        body += [''] + list(more)
    return '\n'.join(body + ['', pick(r, CLOSINGS), '', writer.signature(r)])
