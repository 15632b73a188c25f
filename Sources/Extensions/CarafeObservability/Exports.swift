@_exported public import CarafeApp
