"""Words that Vietnamese officials build passwords on: plain lower-case letters, joined as they are typed."""

HABIT_WORDS = frozenset(
    """
    abc abcd abcde abcdef abcxyz xyz aaa qwe qwer qwert qwerty qwertyuiop asd asdf asdfgh zxc zxcv zxcvbnm qaz qazwsx
    admin administrator quantri quantrivien root user test testing guest demo temp default system server password passwd
    pass passw pword matkhau matkhaumoi mk mkmoi nhomatkhau quenmatkhau doimatkhau khoiphuc login dangnhap taikhoan
    email mail gmail yahoo zalo facebook thu thudientu thucongvu thudientucongvu congvu vanphong vanthu vanban uyban
    ubnd uybannhandan hdnd hoidongnhandan sotttt stttt vnpt viettel mobifone vinaphone fpt misa ioffice egov motcua
    dichvucong congchuc vienchuc canbo cquan coquan chinhphu anhyeuem emyeuanh yeuem yeuanh iloveyou love loveyou
    tinhyeu hanhphuc giadinh concuame concuaba meyeucon bome yeume vochong chongyeu voyeu conyeu congchua hoangtu
    baobinh nhoem nhoanh xinchao chaoban chao hello welcome camon thanhcong maymam phattai phatloc thinhvuong anlac
    binhan vietnam vietnamvodich hochiminh bacho tienquanca docla doclaptudohanhphuc tudo doclap khongco khongbiet
    khongnho khongquen bimat baomat antoan thongtin thang ngay nam xuan mua xuanha hathu muaxuan muahe muathu muadong
    tet chucmungnammoi happynewyear sunshine monkey dragon football princess superman batman pokemon master letmein
    trustno changeme secret mothaiba motthaiba motthaibabon
    """.split()
)

PLACE_NAMES = frozenset(
    """
    angiang baria bariavungtau vungtau bacgiang backan baclieu bacninh bentre binhdinh binhduong binhphuoc binhthuan
    camau cantho caobang danang daklak dacnong daknong dienbien dongnai dongthap gialai hagiang hanam hanoi hatinh
    haiduong haiphong haugiang hoabinh hungyen khanhhoa kiengiang kontum laichau lamdong langson laocai longan namdinh
    nghean ninhbinh ninhthuan phutho phuyen quangbinh quangnam quangngai quangninh quangtri soctrang sonla tayninh
    thaibinh thainguyen thanhhoa thuathienhue hue tiengiang travinh tuyenquang vinhlong vinhphuc yenbai saigon tphcm
    hochiminhcity vietnam hanoivietnam
    """.split()
)

NAME_SYLLABLES = frozenset(
    """
    nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh trinh truong lam mai luong ha cao thach
    van thi huu duc ngoc thanh minh quoc xuan hong kim thu anh hung dung tuan nam long hai son hoa hue hien huong lan
    linh loan my nga nhung oanh phuong quang quynh sang tai tam tan thao thang thinh thuy tien trang trung tu tuyet tung
    viet vinh yen binh bao chau chi chien cuong dat diep diem dong giang hanh hieu khanh khoa kien
    """.split()
)
