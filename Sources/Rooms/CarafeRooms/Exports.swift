@_exported public import CarafeWebSocket
