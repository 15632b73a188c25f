import Demos

await serve(inStore: makeJQueryChatApp)
