@_exported public import CarafeApp
@_exported public import CarafeEventStream
@_exported public import CarafeServer
@_exported public import CarafeStaticFiles
@_exported public import CarafeTemplates
@_exported public import HTTPTypes
// Every app uses the statuses, methods and field names of HTTPTypes.
