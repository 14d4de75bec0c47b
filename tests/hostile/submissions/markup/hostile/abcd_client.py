print("<script>alert(1)</script> ]]> &lt; <![CDATA[ \x01\x02\x0b \ufffe \uffff ]]>")
raise SystemExit(1)
