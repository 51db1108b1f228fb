import '@wikimedia/codex/dist/codex.style-bidi.css'
import './tokens.less'
import './console.css'
import { farmApiKey, messagesKey } from '@wikistead/components'
import { createApp } from 'vue'
import App from './App.vue'
import { ConsoleApi } from './console-api.ts'
import { I18n } from './i18n.ts'
import { i18nKey } from './use-i18n.ts'
import { createConsoleRouter } from './router.ts'
import { SessionState, sessionKey } from './session.ts'
import { applyTheme, theme } from './theme.ts'

applyTheme(theme.value)
const i18n = new I18n()
const session = new SessionState()
// The language's texts and the session come at once; neither waits for the other.
await Promise.all([i18n.start(), session.load()])

createApp(App)
  .provide(messagesKey, i18n)
  .provide(i18nKey, i18n)
  .provide(sessionKey, session)
  .provide(farmApiKey, new ConsoleApi(session.http))
  .use(createConsoleRouter(session, i18n))
  .mount('#app')
