@_exported public import CarafeServer
@_exported public import Configuration
