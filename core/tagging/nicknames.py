"""What the market calls companies, and the words that make a name mean someone else."""

from __future__ import annotations

from core.tagging.lexicon import word_set

NICKNAMES: dict[str, str] = {
    "RIL": "RELIANCE",
    "Reliance Industries": "RELIANCE",
    "TCS": "TCS",
    "HDFC Bank": "HDFCBANK",
    "ICICI Bank": "ICICIBANK",
    "Infosys": "INFY",
    "SBI": "SBIN",
    "State Bank": "SBIN",
    "State Bank of India": "SBIN",
    "L&T": "LT",
    "Larsen": "LT",
    "Larsen & Toubro": "LT",
    "M&M": "M&M",
    "Mahindra & Mahindra": "M&M",
    "BSE Ltd": "BSE",
    "BSE Limited": "BSE",
    "HUL": "HINDUNILVR",
    "Hindustan Unilever": "HINDUNILVR",
    "Airtel": "BHARTIARTL",
    "Bharti Airtel": "BHARTIARTL",
    "Maruti": "MARUTI",
    "Maruti Suzuki": "MARUTI",
    "Kotak Bank": "KOTAKBANK",
    "Kotak Mahindra Bank": "KOTAKBANK",
    "Axis Bank": "AXISBANK",
    "Dr Reddy's": "DRREDDY",
    "Dr Reddys": "DRREDDY",
    "Sun Pharma": "SUNPHARMA",
    "HCL Tech": "HCLTECH",
    "HCLTech": "HCLTECH",
    "Tech Mahindra": "TECHM",
    "Bajaj Finance": "BAJFINANCE",
    "Asian Paints": "ASIANPAINT",
    "Ultratech": "ULTRACEMCO",
    "UltraTech Cement": "ULTRACEMCO",
    "Power Grid": "POWERGRID",
    "Coal India": "COALINDIA",
    "Tata Steel": "TATASTEEL",
    "Tata Power": "TATAPOWER",
    "Tata Motors": "TMPV",
    "Hero MotoCorp": "HEROMOTOCO",
    "Eicher": "EICHERMOT",
    "Britannia": "BRITANNIA",
    "Adani Ports": "ADANIPORTS",
    "Adani Enterprises": "ADANIENT",
    "JSW Steel": "JSWSTEEL",
    "Divi's": "DIVISLAB",
    "Divi's Labs": "DIVISLAB",
    "IndusInd": "INDUSINDBK",
    "Indian Oil": "IOC",
    "IndiGo": "INDIGO",
    "Zomato": "ETERNAL",
    "DMart": "DMART",
    "Avenue Supermarts": "DMART",
    "BHEL": "BHEL",
    "BEL": "BEL",
    "HAL": "HAL",
    "SAIL": "SAIL",
    "GAIL": "GAIL",
    "PNB": "PNB",
    "BoB": "BANKBARODA",
    "LIC": "LICI",
    "SBI Life": "SBILIFE",
    "SBI Cards": "SBICARD",
    "SBI Card": "SBICARD",
    "HDFC Life": "HDFCLIFE",
    "HDFC AMC": "HDFCAMC",
    "ICICI Lombard": "ICICIGI",
    "ICICI Prudential Life": "ICICIPRULI",
    "L&T Finance": "LTF",
    "L&T Technology Services": "LTTS",
    "LTIMindtree": "LTM",
    "M&M Financial": "M&MFIN",
    "Zee": "ZEEL",
    "Nykaa": "NYKAA",
    "Paytm": "PAYTM",
    "Vedanta": "VEDL",
    "Hindalco": "HINDALCO",
    "Godrej Consumer": "GODREJCP",
    "Apollo Hospitals": "APOLLOHOSP",
    "IRCTC": "IRCTC",
    "Jio Financial": "JIOFIN",
}

# After a short name these make another company or a fund of the same house.
EXTENDERS = word_set(
    """
    agro amc asset auto bank bearings biotech breweries capital card cards cement chemicals
    communications consumer consultancy consultants defence digital elxsi energy enterprises
    estates exports farm finance financial finserv foods foundation fund funds gas general
    global green healthcare holdings home homes hotels housing india industries infotech infra
    infrastructure insurance international investment investments laboratories life lifesciences
    lifespace logistics lombard media metals mf mining motors mutual naval oil overseas paints
    petro petroleum pharma pharmaceuticals polymers ports power products projects properties
    prudential realty refineries research retail securities services shipping software solar
    solutions steel sugar systems tech technologies technology telecom textiles total trading
    transmission trust trustee unilever utilities ventures wilmar zinc
    """
)

# Trailing words a headline leaves out.
SHORTENED_AWAY = word_set(
    """
    company consumer corporation corp enterprise enterprises financial group holdings india
    industries international laboratories labs motors of pharmaceuticals pharmaceutical products
    services solutions supermarts technologies works
    """
)

# Single words that are a whole house's name, or everybody's word.
COMMON_WORDS = word_set(
    """
    action adani atul bse apex asian avenue axis bajaj bank best bharat bharti birla blue can
    care central century city coal container cross delta energy federal future general
    global godrej gujarat hdfc hero hindustan home icici idbi idea idfc india indian
    indraprastha info infra jindal jio jsw just kotak life linde lt mahindra mangalore max metro
    national new oil orient page pi power prestige punjab rail reliance route sbi share
    shree solar star state steel sun sundaram supreme tata tech torrent tube union united
    vodafone
    """
)

# Symbols that are far more often something else in a headline.
UNSURE_SYMBOLS = frozenset({"BSE", "IDEA", "CAN", "MAX", "CARE"})
