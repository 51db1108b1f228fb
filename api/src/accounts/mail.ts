/** What is mailed, in the language of whoever has it mailed, and to whom. */
export interface MailSender {
  /** @throws when the server does not take it */
  readonly send: (mail: {
    readonly to: string
    readonly subject: string
    readonly text: string
  }) => Promise<void>
}

export type MailLanguage = 'en' | 'zh-hans' | 'ar'
export type MailKind = 'invitation' | 'sign_up' | 'lost_password'

interface Told {
  /** Where the farm is, e.g. `farm.example.net`. */
  readonly farm: string
  /** Who invites. */
  readonly by: string
  readonly url: string
  /** In hours. */
  readonly hours: number
}

/** The link stands alone in its line, so that every program of mail makes a link of it. */
export function mailText(
  kind: MailKind,
  language: MailLanguage,
  told: Told,
): { subject: string; text: string } {
  const { subject, before, after } = texts[language][kind]
  const text = [before(told), told.url, after(told)].join('\n\n')
  return { subject: subject(told), text: `${text}\n` }
}

interface Words {
  readonly subject: (told: Told) => string
  readonly before: (told: Told) => string
  readonly after: (told: Told) => string
}

const texts: Readonly<Record<MailLanguage, Readonly<Record<MailKind, Words>>>> = {
  en: {
    invitation: {
      subject: ({ farm }) => `Your invitation to ${farm}`,
      before: ({ by, farm }) =>
        `${by} invites you to make wikis of your own on ${farm}. Make your account here:`,
      after: ({ hours }) =>
        `The link works once, within ${days(hours, 'day', 'days', 'hour', 'hours')}. Who did not expect it can let it be.`,
    },
    sign_up: {
      subject: ({ farm }) => `Your account on ${farm}`,
      before: ({ farm }) =>
        `Somebody, you we hope, wants an account on ${farm} with this address. Make it here:`,
      after: ({ hours }) =>
        `The link works once, within ${days(hours, 'day', 'days', 'hour', 'hours')}. Who did not ask for it can let it be.`,
    },
    lost_password: {
      subject: ({ farm }) => `A new password for ${farm}`,
      before: ({ farm }) =>
        `Somebody, you we hope, has lost the password of your account on ${farm}. Choose a new one here:`,
      after: ({ hours }) =>
        `The link works once, within ${days(hours, 'day', 'days', 'hour', 'hours')}. Who did not ask for it can let it be: nothing has changed.`,
    },
  },
  'zh-hans': {
    invitation: {
      subject: ({ farm }) => `邀请您加入 ${farm}`,
      before: ({ by, farm }) => `${by} 邀请您在 ${farm} 上创建自己的维基。请在此创建您的账户：`,
      after: ({ hours }) => `此链接仅可使用一次，有效期${daysInChinese(hours)}。若非您所期待，请忽略此邮件。`,
    },
    sign_up: {
      subject: ({ farm }) => `您在 ${farm} 的账户`,
      before: ({ farm }) => `有人（希望是您本人）想用此地址在 ${farm} 开通账户。请在此创建：`,
      after: ({ hours }) => `此链接仅可使用一次，有效期${daysInChinese(hours)}。若非您所请求，请忽略此邮件。`,
    },
    lost_password: {
      subject: ({ farm }) => `${farm} 的新密码`,
      before: ({ farm }) => `有人（希望是您本人）忘记了您在 ${farm} 的账户密码。请在此选择新密码：`,
      after: ({ hours }) =>
        `此链接仅可使用一次，有效期${daysInChinese(hours)}。若非您所请求，请忽略此邮件：一切照旧。`,
    },
  },
  ar: {
    invitation: {
      subject: ({ farm }) => `دعوتك إلى ${farm}`,
      before: ({ by, farm }) => `يدعوك ${by} إلى إنشاء مواقع ويكي خاصة بك على ${farm}. أنشئ حسابك هنا:`,
      after: ({ hours }) =>
        `يعمل الرابط مرة واحدة خلال ${hoursInArabic(hours)}. إن لم تكن تنتظره فتجاهل هذه الرسالة.`,
    },
    sign_up: {
      subject: ({ farm }) => `حسابك على ${farm}`,
      before: ({ farm }) => `طلب شخص، نرجو أنه أنت، حسابًا على ${farm} بهذا العنوان. أنشئه هنا:`,
      after: ({ hours }) =>
        `يعمل الرابط مرة واحدة خلال ${hoursInArabic(hours)}. إن لم تطلبه فتجاهل هذه الرسالة.`,
    },
    lost_password: {
      subject: ({ farm }) => `كلمة مرور جديدة على ${farm}`,
      before: ({ farm }) => `فقد شخص، نرجو أنه أنت، كلمة مرور حسابك على ${farm}. اختر كلمة جديدة هنا:`,
      after: ({ hours }) =>
        `يعمل الرابط مرة واحدة خلال ${hoursInArabic(hours)}. إن لم تطلبه فتجاهل هذه الرسالة: لم يتغير شيء.`,
    },
  },
}

function days(hours: number, day: string, more: string, hour: string, hoursWord: string): string {
  const [count, one, many] =
    hours % 24 === 0 ? ([hours / 24, day, more] as const) : ([hours, hour, hoursWord] as const)
  return `${String(count)} ${count === 1 ? one : many}`
}

const daysInChinese = (hours: number): string =>
  hours % 24 === 0 ? ` ${String(hours / 24)} 天` : ` ${String(hours)} 小时`

const hoursInArabic = (hours: number): string =>
  hours === 1 ? 'ساعة واحدة' : `${String(hours)} ${hours < 11 ? 'ساعات' : 'ساعة'}`
