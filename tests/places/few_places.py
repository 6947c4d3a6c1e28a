"""A few places of Syria (names and P-codes: OCHA, COD-AB), as tables that a file may hold."""

from datetime import UTC, datetime

ADMIN2 = """\
admin2Pcode,admin2Name_en,admin2Name_ar,admin1Pcode,admin1Name_en,admin1Name_ar,validOn,validTo
SY0203,Afrin,عفرين,SY02,Aleppo,حلب,2020-12-17,
SY0204,A'zaz,اعزاز,SY02,Aleppo,حلب,2020-12-17,
SY0208,Jarablus,جرابلس,SY02,Aleppo,حلب,2020-12-17,
SY0700,Idleb,إدلب,SY07,Idleb,إدلب,2020-12-17,
"""
SETTLEMENTS = """\
settlement_pcode,name_en,name_ar,admin2_pcode,aliases,previous_pcode
C1,Hamam,الحمام,SY0203,,
C2,Hamam,الحمام,SY0700,Hammam|حمّام,C9
C3,Kobani,كوباني,SY0208,عين العرب,
"""


def clock() -> datetime:
    return datetime(2026, 11, 25, 6, tzinfo=UTC)
