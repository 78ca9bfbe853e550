#!/usr/bin/env python3
"""Asks Portage random questions and records its answers, in the form of the
shared test vectors.

    PYTHONPATH=PORTAGE/lib python3 generate.py SEED COUNT >answers.json

The records of atoms/testdata/oracle/answers.json come from Portage 3.0.82
(commit a20ef27a), pure Python, with seed 7 and 1500 records. Not asked are
the forms on which package atoms departs from Portage; its documentation and
TestDepartures name them, nor subsets of use_reduce, which Portage itself
does not use and where redundant parentheses may differ.
"""
import json, random, re as _re, sys
from portage.dep import (Atom, use_reduce, check_required_use, match_from_list, best_match_to_list,
    extract_affecting_use, get_required_use_flags)
from portage.dep._dnf import dnf_convert
from portage.dep.dep_check import _overlap_dnf
from portage.versions import vercmp, ververify
from portage.exception import PortageException
seed=int(sys.argv[1]); N=int(sys.argv[2]); R=random.Random(seed)
FLAGS=list('abcd')
def ver():
    s=str(R.choice([0,1,2,9,10,'01','00','012','010',R.randint(0,200)]))
    for _ in range(R.choice([0,0,1,1,2,3])): s+='.'+R.choice(['0','1','10','9','01','00','010','100','2','02'])
    if R.random()<.2: s+=R.choice('abz')
    for _ in range(R.choice([0,0,0,1,1,2])): s+='_'+R.choice(['alpha','beta','pre','rc','p'])+R.choice(['','0','1','2','01','10'])
    if R.random()<.3: s+='-r'+R.choice(['0','1','2','01','10'])
    return s
def usedep(cond=True):
    f=R.choice(FLAGS); d=R.choice(['','','(+)','(-)'])
    k=R.choice(['%s','-%s']+(['%s?','!%s?','%s=','!%s='] if cond else []))
    p,q=k.split('%s'); return p+f+d+q
def atom(eapi=None,simple=False):
    cp='cat/'+R.choice('ABCDEFG')
    if simple: return cp
    op=R.choice(['','','','=','>=','<','~','<=','>','=*'])
    s=R.choice(['','','','','','!','!!'])+ (op[:1] if op=='=*' else op)+cp
    if op: s+='-'+ver()
    if op=='=*': s+='*'
    s+=R.choice(['','','',':0',':=',':*',':1/2',':0=',':0/1='])
    if R.random()<.3: s+='['+','.join(usedep() for _ in range(R.randint(1,3)))+']'
    return s
def cond(): return R.choice(['','!'])+R.choice(FLAGS)+'?'
def tree(leaf, depth, ops, empty=False):
    out=[]
    for _ in range(R.choice([0,1,1,2,3] if empty else [1,1,2,3])):
        x=R.random()
        if depth<=0 or x<.35: out.append(leaf())
        else:
            head=R.choice(ops)
            if head=='?': head=cond()
            out.append((head+' ' if head else '')+'( '+tree(leaf,depth-1,ops,empty)+' )')
    return ' '.join(x for x in out if x)
def sample(): return [f for f in FLAGS if R.random()<.5]
def dump(v):
    if isinstance(v,(list,tuple)): return [dump(x) for x in v]
    if v is None or isinstance(v,(bool,int)): return v
    return str(v)
recs=[]
def run(function, inputs, fn, test='random'):
    try: exp=fn()
    except (PortageException, AssertionError, ValueError, KeyError, IndexError, TypeError) as e:
        if isinstance(e,(AssertionError,)): return
        recs.append(dict(function=function,inputs=inputs,error=True,error_type=type(e).__name__,test=test)); return
    if function=='Atom' and departs(inputs['atom'],exp): return
    recs.append(dict(function=function,inputs=inputs,expected=exp,test=test))
def g_reduce():
    tc=R.random()<.7
    leaf=(lambda: atom()) if tc else (lambda: R.choice('ABCDEFG'))
    s=tree(leaf,R.randint(1,6),['','||','||','?'])
    i=dict(depstr=s,uselist=sample(),eapi=R.choice(['5','6','7','8',None]),opconvert=True)
    if R.random()<.2: i['matchall']=True
    elif R.random()<.1: i['matchnone']=True
    if R.random()<.2: i['masklist']=sample()
    if R.random()<.2: i['excludeall']=sample()
    if tc: i['token_class']='Atom'
    k=dict(i)
    if tc: k['token_class']=Atom
    run('use_reduce',i,lambda: dump(use_reduce(**k)))
def g_flat():
    s=tree(atom,R.randint(1,4),['','||','?'])
    i=dict(depstr=s,uselist=sample(),eapi=R.choice(['5','8',None]),flat=True,token_class='Atom')
    k=dict(i); k['token_class']=Atom
    run('use_reduce',i,lambda: dump(use_reduce(**k)))
def parts(a):
    c=a.use
    use=None
    if c:
        use=dict(tokens=list(c.tokens),enabled=sorted(c.enabled),disabled=sorted(c.disabled),required=sorted(c.required),missing_enabled=sorted(c.missing_enabled),missing_disabled=sorted(c.missing_disabled),conditional=None)
        if c.conditional: use['conditional']={k:sorted(getattr(c.conditional,k)) for k in ('enabled','disabled','equal','not_equal')}
    b=None
    if a.blocker: b='strong' if a.blocker.overlap.forbid else 'weak'
    return dict(cp=a.cp,cpv=str(a.cpv),version=a.version,operator=a.operator,slot=a.slot,sub_slot=a.sub_slot,slot_operator=a.slot_operator,repo=a.repo,build_id=a.build_id,extended_syntax=a.extended_syntax,string=str(a),blocker=b,use=use)
ALPH='abz019+-._*/:=[]()!~<>?,@r'
def mutate(s):
    s=list(s)
    for _ in range(R.choice([0,1,1,2])):
        p=R.randrange(len(s)+1)
        x=R.random()
        if x<.4: s[p:p]=R.choice(ALPH)
        elif x<.7 and s: del s[min(p,len(s)-1)]
        elif s: s[min(p,len(s)-1)]=R.choice(ALPH)
    return ''.join(s)
def departs(s,exp):
    # names that end in a version or begin with '+', which only Portage accepts
    if not isinstance(exp,dict): return False
    from portage.versions import _pkgsplit
    pn=exp['cp'].split('/')[1]
    if exp['extended_syntax'] and '*' not in s.split(':')[0]: return True
    return exp['extended_syntax'] and (s.startswith('+') or '/+' in s or _re.search(r'-[0-9]+(\.[0-9]+)*[a-z]?(_(alpha|beta|pre|rc|p)[0-9]*)*(-r[0-9]+)?$',pn) is not None) or _pkgsplit(pn) is not None
def g_atom():
    base=R.choice([atom(),atom(),'=cat/pkg-1-2','=cat/foo-1.2-r1-3::repo','cat/foo-bar-1b','*/*','cat/*','*/foo*:0','=*/*-*9999*','=cat/f*-*live*::repo','cat/pkg::repo','cat/pkg:0::repo[a]','>=cat/p-q-1_p-5'])
    s=mutate(base) if R.random()<.8 else base
    i=dict(atom=s,eapi=R.choice([None,None,'0','1','2','4','5','8']),allow_wildcard=R.random()<.5,allow_repo=R.random()<.7)
    if R.random()<.7: i['allow_build_id']=R.random()<.7
    k=dict(i); a=k.pop('atom')
    run('Atom',i,lambda: parts(Atom(a,**k)))
def g_vercmp():
    a=ver(); b=mutate(a) if R.random()<.5 else ver()
    if not ververify(a) or not ververify(b): return
    r=vercmp(a,b); run('vercmp',dict(ver1=a,ver2=b),lambda:(r>0)-(r<0))
def g_match():
    use=None
    a=atom() if R.random()<.8 else R.choice(['*/*','cat/*','*/A','*/A:0','=*/*-*1*','=cat/A-*p*','c*/*'])
    v=None
    try: at=Atom(a,allow_wildcard=True)
    except PortageException: return
    if at.use and at.use.conditional: use=sample()
    cands=[]
    for _ in range(6):
        w=ver()
        if at.version and R.random()<.7: w=mutate(str(at.version))
        if not ververify(w): continue
        cands.append(('cat/'+R.choice(['A',at.cp[4:]] if '*' not in at.cp else ['A','B'])+'-'+w))
    class Iuse:
        def __init__(s,f): s.f=f
        def is_valid_flag(s,fl):
            if isinstance(fl,str): return fl in s.f
            return all(x in s.f for x in fl)
    class Use:
        def __init__(s,e): s.enabled=frozenset(e)
    from portage.versions import _pkg_str
    class Pkg:
        def __init__(s,c):
            s.cpv=_pkg_str(c['cpv'],slot=c['slot']+'/'+c['sub_slot'],repo=c['repo']); s.cp=s.cpv.cp; s.cpv_split=s.cpv.cpv_split; s.version=s.cpv.version
            s.slot=c['slot']; s.sub_slot=c['sub_slot']; s.repo=c['repo']; s.use=Use(c['use']); s.iuse=Iuse(c['iuse']); s.d=c
    objs=[]
    for c in cands:
        iu=sample()
        objs.append(dict(cpv=c,slot=R.choice(['0','1']),sub_slot=R.choice(['0','1','2']),repo='r',use=[f for f in iu if R.random()<.5],iuse=iu))
    at=Atom(a,allow_wildcard=True)
    i=dict(mydep=a,candidate_list=objs)
    if use is not None:
        i['evaluate_with']=use; at=at.evaluate_conditionals(use)
    run('match_from_list',i,lambda:[p.d['cpv']+'::r' for p in match_from_list(at,[Pkg(c) for c in objs])])
def g_use():
    s='cat/A['+','.join(usedep() for _ in range(R.randint(1,4)))+']'
    try: a=Atom(s)
    except PortageException: return
    u=sample()
    run('Atom.evaluate_conditionals',dict(atom=s,use=u),lambda:str(a.evaluate_conditionals(u)))
    i=sample(); o=[f for f in i if R.random()<.6]; p=sample() if R.random()<.9 else None
    run('Atom.violated_conditionals',dict(atom=s,other_use=o,other_iuse=i,parent_use=p),lambda:str(a.violated_conditionals(o,i.__contains__,p)))
    run('Atom.eval_qa_conditionals',dict(atom=s,use_mask=u,use_force=i),lambda:str(a._eval_qa_conditionals(u,i)))
def g_requse():
    s=tree(lambda:R.choice(['','','!'])+R.choice(FLAGS),R.randint(1,5),['','||','^^','??','?','?'],empty=True)
    i=dict(required_use=s,use=sample(),iuse_match={'in':FLAGS if R.random()<.9 else FLAGS[:3]},eapi=R.choice(['4','5','6','7','8',None]))
    def f():
        t=check_required_use(s,i['use'],i['iuse_match']['in'].__contains__,eapi=i['eapi'])
        return dict(satisfied=bool(t),unsatisfied='' if t else t.tounicode())
    run('check_required_use',i,f)
def g_dnf():
    s=tree(lambda:'cat/'+R.choice('ABCDEFGHIJKL'),R.randint(1,4),['','||'])
    if len(s)>160: return
    def f(fn): return lambda: dump(fn(use_reduce(s,opconvert=True,token_class=Atom)))
    run('overlap_dnf',dict(depstr=s),f(_overlap_dnf))
    run('dnf_convert_atoms',dict(depstr=s),f(dnf_convert))
def g_affect():
    s=tree(lambda:R.choice('ABC'),R.randint(1,5),['','||','?','?'],empty=True)
    run('extract_affecting_use',dict(mystr=s,atom='A',eapi='8'),lambda:sorted(extract_affecting_use(s,'A',eapi='8')))
def g_best():
    pkg='cat/A-'+R.choice(['1','2','3','4','2.1'])
    l=[]
    for _ in range(R.randint(1,5)):
        l.append(R.choice(['cat/A','cat/A:0','cat/A:1','*/*','cat/*','*/A:0','=*/*-*2*','=cat/A-2','~cat/A-2','=cat/A-2*']+[o+'cat/A-'+v for o in ('<','>','<=','>=') for v in ('1','2','3','4','2.1')]*2))
    run('best_match_to_list',dict(mypkg=pkg+':0',mylist=l),lambda:(lambda r:str(r) if r else None)(best_match_to_list(pkg+':0',[Atom(x,allow_wildcard=True) for x in l])))
gens=[g_reduce]*6+[g_use,g_flat,g_atom,g_atom,g_vercmp,g_vercmp,g_match,g_match,g_requse,g_requse,g_dnf,g_affect,g_best]
while len(recs)<N: R.choice(gens)()
print('{"schema": 1, "portage": "3.0.82 a20ef27a", "records": [')
print(',\n'.join(json.dumps(r,sort_keys=True,separators=(',',':')) for r in recs))
print(']}')
