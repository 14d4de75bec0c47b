NAME = 'not the real one'
