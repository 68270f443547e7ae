"""A few lines of each publisher's own layouts, as they arrive (contract: shared/reference)."""

import csv
import io
import zipfile

STREET = (
    b"Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    b"Crime type,Last outcome category,Context\n"
    b"4ba571ce,2025-12,City of London Police,City of London Police,-0.258524,51.615801,"
    b"On or near Grenville Place,E01000234,Barnet 021D,Violence and sexual offences,"
    b"Under investigation,\n"
    b",2025-12,City of London Police,City of London Police,-0.258524,51.615801,"
    b"On or near Grenville Place,E01000234,Barnet 021D,Anti-social behaviour,,\n"
)
STOP = (
    b"Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender\n"
    b"Person search,2025-12-01T00:00:00+00:00,False,,52.6,-1.1,Male\n"
)

CENSUS = (
    b"date,geography,geography code,Residence type: Total; measures: Value,"
    b"Residence type: Lives in a household; measures: Value\n"
    b"2021,Hartlepool 009A,E01011949,1599,1581\n"
)

# The tail of the widest header is cut by the publisher himself ("... of LSO").
_DOMAINS = (
    "Index of Multiple Deprivation (IMD)",
    "Income",
    "Employment",
    "Education, Skills and Training",
    "Health Deprivation and Disability",
    "Crime",
    "Barriers to Housing and Services",
    "Living Environment",
    "Income Deprivation Affecting Children Index (IDACI)",
    "Income Deprivation Affecting Older People (IDAOPI)",
    "Children and Young People Sub-domain",
    "Adult Skills Sub-domain",
    "Geographical Barriers Sub-domain",
    "Wider Barriers Sub-domain",
    "Indoors Sub-domain",
    "Outdoors Sub-domain",
)
_RATES = {"Income", "Employment", _DOMAINS[8], _DOMAINS[9]}
_PLACE_2025 = (
    "LSOA code (2021)",
    "LSOA name (2021)",
    "Local Authority District code (2024)",
    "Local Authority District name (2024)",
)
_PLACE_2019 = (
    "LSOA code (2011)",
    "LSOA name (2011)",
    "Local Authority District code (2019)",
    "Local Authority District name (2019)",
)
_PEOPLE_2025 = (
    "Total population: mid 2022",
    "Dependent Children aged 0-15: mid 2022",
    "Older population aged 60 and over: mid 2022",
    "Working age population 18-66 (for use with Employment Deprivation Domain): mid 2022",
)
_PEOPLE_2019 = (
    "Total population: mid 2015 (excluding prisoners)",
    "Dependent Children aged 0-15: mid 2015 (excluding prisoners)",
    "Population aged 16-59: mid 2015 (excluding prisoners)",
    "Older population aged 60 and over: mid 2015 (excluding prisoners)",
    "Working age population 18-59/64: for use with Employment Deprivation Domain",
)


def _domain(name):
    rank, decile = "(where 1 is most deprived)", "(where 1 is most deprived 10% of LSOAs)"
    if name.startswith("Children and"):
        decile = "(where 1 is most deprived 10% of LSO"
    rate = " (rate)" if name in _RATES else ""
    return [f"{name} Score{rate}", f"{name} Rank {rank}", f"{name} Decile {decile}"]


def _table(*rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _file_7(places, code, people):
    columns = [*places, *(c for d in _DOMAINS for c in _domain(d)), *people]
    row = [code, "Hartlepool 009A", "E06000001", "Hartlepool", *[1] * (len(columns) - 4)]
    return _table(columns, row)


FILE_7_2025 = _file_7(_PLACE_2025, "E01011949", _PEOPLE_2025)
FILE_7_2019 = _file_7(_PLACE_2019, "E01011949", _PEOPLE_2019)
FILE_1_2025 = _table(  # ranks and deciles only: no scores, no population
    [*_PLACE_2025, *_domain(_DOMAINS[0])[1:]],
    ["E01011949", "Hartlepool 009A", "E06000001", "H", 1, 1],
)
FILE_2_2025 = _table(
    [*_PLACE_2025, "Income Rank (where 1 is most deprived)"],
    ["E01011949", "H", "E06000001", "H", 1],
)

NOMIS = (
    b'"GEOGRAPHY_CODE","GEOGRAPHY_NAME","DATE_NAME","C_AGE","C_AGE_NAME","OBS_VALUE","RECORD_COUNT"\n'
    b'"E01011949","Hartlepool 009A","2024",200,"All Ages",1599,2\n'
    b'"E01011949","Hartlepool 009A","2024",201,"Aged 0 to 15",301,2\n'
)
SINGLE_YEAR = (
    b"lsoa11_name,lsoa11_code,total_population,0,1,90+\n"
    b"Hartlepool 009A,E01011949,1599.0,20.0,20.0,3.0\n"
)

NSPL = (
    b"pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,lsoa21cd,lat,long,imd25ind\n"
    b'"LE1 1AA","LE1  1AA","LE1 1AA","198001","","0","458900","0304500","1","E00069250",'
    b'"E01013649",52.6,-1.1,1234\n'
)
ONSPD_2018 = (
    b"pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,usertype,oseast1m,osnrth1m,osgrdind,lat,long\n"
    b'"AL1 1AA","AL1  1AA","AL1 1AA","199002","199405","E10000015","E58000666","E07000240",'
    b'"1","514600","0206900","8",51.749084,-0.341337\n'
)
ONSPD_2025 = (
    b"pcd7,pcd8,pcds,dointr,doterm,cty25cd,lad25cd,usrtypind,east1m,north1m,gridind,lat,long\n"
    b'"AB1 0AA","AB1  0AA","AB1 0AA","198001","199606","S99999999","S12000033","0","385386",'
    b'"0801193","1",57.101459,-2.242858\n'
)
CODE_POINT = (
    b'"LE1 1AA",10,458900,304500,"E92000001","E19000002","E18000005","","E06000016","E05010458"\n'
)

PRICE_PAID = (
    b'"{3E0330EF-7707-8D89-E050-A8C062052140}","112000","2006-05-22 00:00","MK13 7QS","F","N","L",'
    b'"HOME RIDINGS HOUSE","13","FLINTERGILL COURT","HEELANDS","MILTON KEYNES","MILTON KEYNES",'
    b'"MILTON KEYNES","A","A"\r\n'
)
PRICE_PAID_15 = PRICE_PAID.replace(b',"A","A"\r\n', b',"A"\r\n')
PRICE_PAID_REPORT = (
    b'"unique_id","price_paid","deed_date","postcode","property_type","new_build","estate_type"\n'
    b'"3E0330EF-7707-8D89-E050-A8C062052140","112000","2006-05-22","MK13 7QS","F","N","L"\n'
)

_FINGERTIPS = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,"
    "Category Type,Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,"
    "Lower CI 99.8 limit,Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,"
    "Compared to England value or percentiles,Compared to Region value or percentiles,"
    "Time period Sortable,New data,Compared to goal"
)
_FINGERTIPS_ROW = (
    "91547,Smoking prevalence,,,E92000001,England,England,Persons,18+ yrs,,,2021/22,12.5,12.3,12.7,"
    "12.2,12.8,31250,250000,,,Not compared,Not compared,20210000,,"
)
FINGERTIPS_26 = f"{_FINGERTIPS}\n{_FINGERTIPS_ROW}\n".encode()
FINGERTIPS_27 = f"{_FINGERTIPS},Time period range\n{_FINGERTIPS_ROW},1y\n".encode()

BOM = b"\xef\xbb\xbf"
EXACT = BOM + (
    b"LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM,LAD22NMW,ObjectId\n"
    b"E01011949,Hartlepool 009A,E01011949,Hartlepool 009A,U,E06000001,Hartlepool,,1\n"
)
BEST_FIT = BOM + (
    b"LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,LAD22CD,LAD22NM,LAD22NMW,ObjectId\n"
    b"E01011949,Hartlepool 009A,E01011949,Hartlepool 009A,E06000001,Hartlepool,,1\n"
)
HIERARCHY = BOM + (
    b"OA21CD,LSOA21CD,LSOA21NM,MSOA21CD,MSOA21NM,LEP22CD1,LAD22CD,LAD22NM,ObjectId\n"
    b"E00060274,E01011949,Hartlepool 009A,E02002491,Hartlepool,E37000034,E06000001,Hartlepool,1\n"
)
RURAL_URBAN = BOM + (
    b"LSOA21CD,LSOA21NM,LSOA21NMW,RUC21CD,RUC21NM,Urban_rural_flag,ObjectId\n"
    b"E01011949,Hartlepool 009A,,UN1,Urban: Nearer to a major town or city,Urban,1\n"
)
WARDS = BOM + (
    b"LSOA21CD,LSOA21NM,LSOA21NMW,WD24CD,WD24NM,WD24NMW,LAD24CD,LAD24NM,LAD24NMW,ObjectId\n"
    b"E01011949,Hartlepool 009A,,E05013880,Victoria,,E06000001,Hartlepool,,1\n"
)
CENTROIDS = BOM + b"FID,LSOA21CD,GlobalID,x,y\n1,E01011949,59762838,450823.1,532478.5\n"
BOUNDARIES = (
    b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":'
    b' {"LSOA21CD": "E01011949", "LSOA21NM": "Hartlepool 009A"}, "geometry": {"type": "Polygon",'
    b' "coordinates": [[[-1.23, 54.67], [-1.22, 54.67], [-1.22, 54.68], [-1.23, 54.67]]]}}]}'
)

WORKBOOK = b"PK\x03\x04\x14\x00\x06\x00" + b"\x00" * 64  # as far as a connector looks
HTML = b"\r\n<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head></html>\n"


def zip_of(members):
    """The bytes of a zip archive, deflated as publishers do it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def damage(archive, content):
    """A zip with ``content`` stored in it, one byte of which is turned: its CRC no longer fits."""
    where = archive.index(content) + len(content) // 2
    return archive[:where] + bytes([archive[where] ^ 1]) + archive[where + 1 :]


def stored_zip(members):
    """Like ``zip_of``, but stored, so that a member's bytes can be found and turned."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
