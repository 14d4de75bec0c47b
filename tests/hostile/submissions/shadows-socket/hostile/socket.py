raise ImportError('shadowed')
