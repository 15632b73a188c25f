@_exported public import CarafeApp
@_exported public import CarafeServer
@_exported public import CarafeServerSentEvents
@_exported public import CarafeStaticFiles
@_exported public import CarafeTemplates
// Statuses, methods and header names are words of every app.
@_exported public import HTTPTypes
