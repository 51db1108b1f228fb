import { farmApiKey, messagesKey, type Messages } from '@wikistead/components'
import { createApp } from 'vue'
import { extensionApi } from './extension-api.ts'
import { pageData } from './page-data.ts'
import WikiFarmPage from './WikiFarmPage.vue'

const messages: Messages = {
  message: (key, ...parameters) => mw.message(key, ...parameters).text(),
  exists: (key) => mw.message(key).exists(),
  language: () => String(mw.config.get('wgUserLanguage')),
}

const place = document.getElementById('ext-wikifarm')
if (place !== null) {
  createApp(WikiFarmPage, { page: pageData() })
    .provide(farmApiKey, extensionApi())
    .provide(messagesKey, messages)
    .mount(place)
}
