// A message and its close code are words of this module's own calls.
@_exported public import CarafeApp
@_exported public import CarafeWebSocketCodec
