"""Households lived year by year, one draw after another, in compiled code.

The only room of compiled code: `arrays` says what goes in and comes out, `luck` draws, `serving`
pays, `moving` decides who moves, `settling` says what each lacks then, `years` goes through all.
"""
